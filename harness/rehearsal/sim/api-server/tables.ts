import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { age } from './age.ts';
import type { Cell } from './cell.ts';
import { isMap, type JsonMap } from './json.ts';
import { podCells } from './pod-cells.ts';
import type { Resource } from './resources.ts';

interface Column {
  name: string;
  type: 'string' | 'integer' | 'date';
  format: string;
  description: string;
  /** 0 is always shown, 1 with `-o wide`. */
  priority: 0 | 1;
}

interface Printer {
  columns: readonly Column[];
  /** @param nowMs for ages */
  cells(object: KubernetesObject, nowMs: number): Cell[];
}

const column = (name: string, type: Column['type'] = 'string', priority: 0 | 1 = 0): Column => ({
  name,
  type,
  format: name === 'Name' ? 'name' : '',
  description: '',
  priority,
});
const number = (name: string) => column(name, 'integer');
const wide = (name: string) => column(name, 'string', 1);
const [Name, Age] = [column('Name'), column('Age')];

const ages = ({ metadata }: KubernetesObject, nowMs: number) => age(metadata.creationTimestamp, nowMs);
const part = (object: KubernetesObject, name: 'spec' | 'status'): JsonMap => {
  const found = (object as unknown as JsonMap)[name];
  return isMap(found) ? found : {};
};
const count = (map: JsonMap, field: string): number => Number(map[field] ?? 0);
const or = (value: unknown, otherwise: string): string => (value === undefined ? otherwise : String(value));

function templates(spec: JsonMap): [string, string] {
  const template = isMap(spec['template']) ? spec['template'] : {};
  const { containers = [] } = (isMap(template['spec']) ? template['spec'] : {}) as { containers?: JsonMap[] };
  return [containers.map(({ name }) => name).join(','), containers.map(({ image }) => image).join(',')];
}

const pairs = (map: unknown, otherwise: string): string =>
  isMap(map) && Object.keys(map).length > 0
    ? Object.entries(map)
        .map(([key, value]) => `${key}=${value}`)
        .sort()
        .join(',')
    : otherwise;
const selector = ({ selector: its }: JsonMap): string => pairs(isMap(its) ? its['matchLabels'] : undefined, '<none>');

function servicePorts({ ports }: JsonMap): string {
  const list = Array.isArray(ports) ? ports.filter(isMap) : [];
  if (list.length === 0) return '<none>';
  return list
    .map(({ port, nodePort, protocol = 'TCP' }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`)
    .join(',');
}

const externalIp = ({ type, externalName }: JsonMap): string =>
  type === 'ExternalName' ? String(externalName) : type === 'LoadBalancer' ? '<pending>' : '<none>';

const webhookPrinter: Printer = {
  columns: [Name, number('Webhooks'), Age],
  cells: (object, now) => [
    object.metadata.name,
    ((object as { webhooks?: unknown[] }).webhooks ?? []).length,
    ages(object, now),
  ],
};

const bindingPrinter: Printer = {
  columns: [Name, column('Role'), Age],
  cells: (object, now) => {
    const { roleRef = {} } = object as { roleRef?: { kind?: string; name?: string } };
    return [object.metadata.name, `${roleRef.kind}/${roleRef.name}`, ages(object, now)];
  },
};

/** As `kubectl get` shows them; by kind. */
const Printers: Readonly<Record<string, Printer>> = {
  Pod: {
    columns: [
      Name,
      column('Ready'),
      column('Status'),
      column('Restarts'),
      Age,
      wide('IP'),
      wide('Node'),
      wide('Nominated Node'),
      wide('Readiness Gates'),
    ],
    cells: podCells,
  },
  Deployment: {
    columns: [
      Name,
      column('Ready'),
      column('Up-to-date'),
      column('Available'),
      Age,
      wide('Containers'),
      wide('Images'),
      wide('Selector'),
    ],
    cells: (object, now) => {
      const [spec, status] = [part(object, 'spec'), part(object, 'status')];
      const ready = `${count(status, 'readyReplicas')}/${count(spec, 'replicas')}`;
      const counts = [count(status, 'updatedReplicas'), count(status, 'availableReplicas')];
      return [object.metadata.name, ready, ...counts, ages(object, now), ...templates(spec), selector(spec)];
    },
  },
  ReplicaSet: {
    columns: [
      Name,
      number('Desired'),
      number('Current'),
      number('Ready'),
      Age,
      wide('Containers'),
      wide('Images'),
      wide('Selector'),
    ],
    cells: (object, now) => {
      const [spec, status] = [part(object, 'spec'), part(object, 'status')];
      const counts = [count(spec, 'replicas'), count(status, 'replicas'), count(status, 'readyReplicas')];
      return [object.metadata.name, ...counts, ages(object, now), ...templates(spec), selector(spec)];
    },
  },
  StatefulSet: {
    columns: [Name, column('Ready'), Age, wide('Containers'), wide('Images')],
    cells: (object, now) => {
      const [spec, status] = [part(object, 'spec'), part(object, 'status')];
      const ready = `${count(status, 'readyReplicas')}/${count(spec, 'replicas')}`;
      return [object.metadata.name, ready, ages(object, now), ...templates(spec)];
    },
  },
  DaemonSet: {
    columns: [
      Name,
      number('Desired'),
      number('Current'),
      number('Ready'),
      number('Up-to-date'),
      number('Available'),
      column('Node Selector'),
      Age,
      wide('Containers'),
      wide('Images'),
      wide('Selector'),
    ],
    cells: (object, now) => {
      const [spec, status] = [part(object, 'spec'), part(object, 'status')];
      const counts = [
        'desiredNumberScheduled',
        'currentNumberScheduled',
        'numberReady',
        'updatedNumberScheduled',
        'numberAvailable',
      ].map((field) => count(status, field));
      const template = isMap(spec['template']) ? spec['template'] : {};
      const nodes = pairs(isMap(template['spec']) ? template['spec']['nodeSelector'] : undefined, '<none>');
      return [object.metadata.name, ...counts, nodes, ages(object, now), ...templates(spec), selector(spec)];
    },
  },
  Service: {
    columns: [
      Name,
      column('Type'),
      column('Cluster-IP'),
      column('External-IP'),
      column('Port(s)'),
      Age,
      wide('Selector'),
    ],
    cells: (object, now) => {
      const spec = part(object, 'spec');
      const address = spec['type'] === 'ExternalName' ? '<none>' : or(spec['clusterIP'], '<none>');
      const own = [String(spec['type']), address, externalIp(spec), servicePorts(spec)];
      return [object.metadata.name, ...own, ages(object, now), pairs(spec['selector'], '<none>')];
    },
  },
  Namespace: {
    columns: [Name, column('Status'), Age],
    cells: (object, now) => [object.metadata.name, or(part(object, 'status')['phase'], ''), ages(object, now)],
  },
  ConfigMap: {
    columns: [Name, column('Data'), Age],
    cells: (object, now) => {
      const { data = {}, binaryData = {} } = object as { data?: object; binaryData?: object };
      return [object.metadata.name, Object.keys(data).length + Object.keys(binaryData).length, ages(object, now)];
    },
  },
  Secret: {
    columns: [Name, column('Type'), column('Data'), Age],
    cells: (object, now) => {
      const { type = 'Opaque', data = {} } = object as { type?: string; data?: object };
      return [object.metadata.name, type, Object.keys(data).length, ages(object, now)];
    },
  },
  Lease: {
    columns: [Name, column('Holder'), Age],
    cells: (object, now) => [object.metadata.name, or(part(object, 'spec')['holderIdentity'], ''), ages(object, now)],
  },
  ServiceAccount: {
    columns: [Name, Age],
    cells: (object, now) => [object.metadata.name, ages(object, now)],
  },
  RoleBinding: bindingPrinter,
  ClusterRoleBinding: bindingPrinter,
  MutatingWebhookConfiguration: webhookPrinter,
  ValidatingWebhookConfiguration: webhookPrinter,
  PodDisruptionBudget: {
    columns: [Name, column('Min Available'), column('Max Unavailable'), number('Allowed Disruptions'), Age],
    cells: (object, now) => {
      const { minAvailable, maxUnavailable } = part(object, 'spec');
      const limits = [or(minAvailable, 'N/A'), or(maxUnavailable, 'N/A')];
      return [object.metadata.name, ...limits, count(part(object, 'status'), 'disruptionsAllowed'), ages(object, now)];
    },
  },
};

/** Everything that is not listed above: for built-in kinds their birth, for others their age. */
const Plain: Printer = {
  columns: [Name, column('Created At')],
  cells: ({ metadata }) => [metadata.name, or(metadata.creationTimestamp, '<unknown>')],
};
const Custom: Printer = {
  columns: [Name, { ...Age, type: 'date' }],
  cells: (object, now) => [object.metadata.name, ages(object, now)],
};

export function printerOf({ kind, isCustom }: Resource): Printer {
  return isCustom ? Custom : (Printers[kind] ?? Plain);
}
