import type { Lab } from '../../harness/proof/lab/lab.ts';

/** Puts the mesh back as it was before an edit. */
export type Undo = () => Promise<void>;

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; [field: string]: unknown };
  [field: string]: unknown;
}

export async function kubectl(lab: Lab, args: readonly string[], input?: object): Promise<string> {
  const given = input === undefined ? {} : { input: JSON.stringify(input) };
  const { stdout } = await lab.exec('kubectl', args, { timeout: 60_000, ...given });
  return String(stdout);
}

/** As it would be written anew. */
export async function read(
  lab: Lab,
  kind: string,
  name: string,
  namespace = 'istio-system',
): Promise<KubernetesObject> {
  const text = await kubectl(lab, ['get', kind, name, '--namespace', namespace, '--output', 'json']);
  const { status: _status, ...object } = JSON.parse(text) as KubernetesObject;
  const {
    resourceVersion: _version,
    uid: _uid,
    creationTimestamp: _at,
    managedFields: _,
    ...metadata
  } = object.metadata;
  return { ...object, metadata } as KubernetesObject;
}

const nameOf = ({ kind, metadata: { name, namespace } }: KubernetesObject) => [
  `${kind.toLowerCase()}/${name}`,
  ...(namespace === undefined ? [] : ['--namespace', namespace]),
];

export async function create(lab: Lab, ...objects: KubernetesObject[]): Promise<Undo> {
  for (const object of objects) await kubectl(lab, ['create', '-f', '-'], object);
  return async () => {
    for (const object of objects.toReversed()) await kubectl(lab, ['delete', '--wait', ...nameOf(object)]);
  };
}

export async function remove(lab: Lab, ...objects: KubernetesObject[]): Promise<Undo> {
  for (const object of objects) await kubectl(lab, ['delete', '--wait', ...nameOf(object)]);
  return async () => {
    for (const object of objects) await kubectl(lab, ['create', '-f', '-'], object);
  };
}

export async function replace(lab: Lab, before: KubernetesObject, after: KubernetesObject): Promise<Undo> {
  await kubectl(lab, ['replace', '-f', '-'], after);
  return async () => void (await kubectl(lab, ['replace', '-f', '-'], before));
}

/** A copy of the default tag's webhook under another name. */
export async function copyOfTagWebhook(lab: Lab, name: string): Promise<KubernetesObject> {
  const original = await read(lab, 'mutatingwebhookconfiguration', 'istio-revision-tag-default');
  return { ...original, metadata: { name, labels: { 'istio.io/rev': '1-30-4' } } };
}

/** The same object with the Service that its webhooks call exchanged. */
export function calling(configuration: KubernetesObject, service: string): KubernetesObject {
  const webhooks = configuration['webhooks'] as { clientConfig: { service: object } }[];
  return {
    ...configuration,
    webhooks: webhooks.map((webhook) => ({
      ...webhook,
      clientConfig: { ...webhook.clientConfig, service: { ...webhook.clientConfig.service, name: service } },
    })),
  };
}

/** A journal of an unfinished run. */
export function journalOf(plan: { clusterUid: string; to: string }): KubernetesObject {
  const journal = {
    schema: 1,
    runId: '00000000',
    epoch: 0,
    state: 'held',
    plan: {
      schema: 1,
      from: '1-30-4',
      tag: 'default',
      pace: {},
      gate: {},
      waves: [{ name: 'canary', namespaces: ['bar'] }],
      ...plan,
    },
    planHash: '000000000000',
    originals: [],
    marks: { waves: {} },
    history: [],
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio-canary-upgrade-default', namespace: 'istio-system' },
    data: { journal: JSON.stringify(journal) },
  };
}

/** A Deployment as `istioctl install` makes gateways: the proxy's image is written into its template. */
export const installedGateway: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'istio-egressgateway', namespace: 'istio-system', labels: { 'istio.io/rev': '1-30-4' } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { istio: 'egressgateway' } },
    template: {
      metadata: {
        labels: {
          istio: 'egressgateway',
          'istio.io/rev': '1-30-4',
          'operator.istio.io/component': 'EgressGateways',
          'sidecar.istio.io/inject': 'false',
        },
      },
      spec: { containers: [{ name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.30.4' }] },
    },
  },
};

export const barePod: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'bare', namespace: 'foo', labels: { app: 'bare' } },
  spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'app', image: 'example.org/bare:1' }] },
};

const watchedKinds = [
  ...['namespaces', 'deployments', 'statefulsets', 'daemonsets', 'replicasets', 'pods', 'services', 'configmaps'],
  ...['serviceaccounts', 'roles', 'rolebindings', 'clusterroles', 'clusterrolebindings', 'horizontalpodautoscalers'],
  ...['mutatingwebhookconfigurations', 'validatingwebhookconfigurations', 'customresourcedefinitions'],
].join(',');

/**
 * Every object that a run could touch, each with its identity and what a write would change: the generation, or the resource
 * version of kinds that have none. Status moves by itself and is left out.
 */
export async function fingerprint(lab: Lab): Promise<readonly string[]> {
  const text = await kubectl(lab, ['get', watchedKinds, '--all-namespaces', '--output', 'json']);
  const { items } = JSON.parse(text) as { items: KubernetesObject[] };
  return items
    .filter(({ metadata }) => !isElection(metadata))
    .map(({ kind, metadata: { namespace = '', name, uid, generation, resourceVersion } }) => {
      const movesByItself = kind === 'Pod' || kind === 'HorizontalPodAutoscaler';
      return `${kind} ${namespace}/${name} ${uid} ${generation ?? (movesByItself ? '' : resourceVersion)}`;
    })
    .sort();
}

/** istiod's leaders renew these by themselves. */
function isElection({ annotations }: KubernetesObject['metadata']): boolean {
  return (
    typeof annotations === 'object' && annotations !== null && 'control-plane.alpha.kubernetes.io/leader' in annotations
  );
}
