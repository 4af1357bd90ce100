import { listWorkloads } from '../mesh/observe/list-workloads.ts';
import { podFacts } from '../mesh/observe/pod-facts.ts';
import { livePods } from '../mesh/observe/workloads.ts';
import { defineFinding } from '../model/finding.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { Plan } from '../model/plan.ts';
import { messageOf } from '../model/upgrade-error.ts';
import { Deployments, Nodes, Pods } from '../ports/kinds.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { WorkloadObject } from '../ports/objects.ts';
import { definitionOf } from '../workloads/workloads.ts';
import type { FindingOf } from './define-check.ts';
import { type IstiodAsks, istiodAsks } from './surge/istiod-asks.ts';
import { podRequests } from './surge/pod-requests.ts';
import { describeAmount, none, parseQuantity, plus, times } from './surge/quantity.ts';
import {
  type Asking,
  type Capacity,
  type IstiodShortage,
  istiodShortages,
  type Shortage,
  shortages,
} from './surge/surge-needs.ts';

const SurgeWithoutRoom = defineFinding({
  code: 'SURGE_WITHOUT_ROOM',
  severity: 'warns',
  title: 'The nodes do not have room for all pods that the restarts run beside the old ones.',
  cause:
    'The requests of the surge are greater than what is free on all nodes together. Unless an autoscaler adds nodes, some pods will stay pending.',
  fix: 'Add nodes, or lower pace.workloadsAtOnce.',
  blames: 'surroundings',
});

const RoomUnknown = defineFinding({
  code: 'ROOM_UNKNOWN',
  severity: 'notes',
  title: 'It is not known whether the nodes have room for the restarts.',
  cause: 'The nodes cannot be listed, there are none, or one does not report its allocatable CPU and memory.',
  fix: 'Do nothing if the nodes have room; else add nodes, or lower pace.workloadsAtOnce.',
  blames: 'surroundings',
});

const IstiodWithoutRoom = defineFinding({
  code: 'ISTIOD_WITHOUT_ROOM',
  severity: 'warns',
  title: 'The nodes do not have room for the new istiod beside the old one.',
  cause:
    'What the pods of the new istiod request, as many as its autoscaler keeps at least, is greater than what is free on all nodes together, or one pod requests more than the largest node has. Unless an autoscaler adds nodes, stage 2 waits for pods that stay pending.',
  fix: 'Add nodes, or let the new istiod request less: target.set values.pilot.resources, values.pilot.autoscaleMin (and target.accept, if that is less than the old one has).',
  blames: 'surroundings',
});

export const roomFindings = [SurgeWithoutRoom, IstiodWithoutRoom, RoomUnknown] as const;

type Found = FindingOf<typeof roomFindings>;

interface Node extends KubernetesObject {
  status?: { allocatable?: Record<string, string> };
}

/**
 * Whether the nodes have room for the new istiod, and for the pods that a restart runs beside the old ones. One request; never
 * blocks, since an autoscaler may add nodes.
 * @param preview the objects that the installer would install; `undefined` when it cannot be asked
 */
export async function inspectRoom(
  cluster: Cluster,
  plan: Plan,
  preview: () => Promise<readonly KubernetesObject[] | undefined>,
): Promise<readonly Found[]> {
  const nodes = await capacityOf(cluster);
  if (typeof nodes === 'string')
    return [
      RoomUnknown.of('Whether the nodes have room for the new istiod and for the surge of the restarts is not known.', [
        nodes,
      ]),
    ];
  const workloads = await askingOf(cluster, plan);
  const asks = await istiodToCome(cluster, plan, preview);
  const istiod = asks === undefined ? none : times(asks.requests, asks.pods);
  const short = shortages({ allocatable: nodes.together, workloads, istiod }, plan);
  return [
    ...(asks === undefined ? [] : describeIstiod(istiodShortages(asks, workloads, nodes), asks, plan)),
    ...describeSurge(short),
  ];
}

function describeIstiod(short: readonly IstiodShortage[], { pods }: IstiodAsks, { to }: Plan): readonly Found[] {
  if (short.length === 0) return [];
  return [
    IstiodWithoutRoom.of(
      `The nodes have no room for ${pods === 1 ? 'the pod' : `the ${pods} pods`} of the istiod ${to} beside what runs.`,
      short.map(({ of, resource, needs, has, requested }) =>
        of === 'one pod'
          ? `one pod requests ${describeAmount(resource, needs)}, and the largest node has ${describeAmount(resource, has)}`
          : `${pods === 1 ? 'it requests' : 'they request'} ${describeAmount(resource, needs)}; of ${describeAmount(resource, has)} at least ${describeAmount(resource, requested)} are requested`,
      ),
    ),
  ];
}

function describeSurge(short: readonly Shortage[]): readonly Found[] {
  if (short.length === 0) return [];
  return [
    SurgeWithoutRoom.of(
      'The nodes have no room for all pods that the restarts run beside the old ones; such a pod waits, and the wave with it.',
      short.map(
        ({ part, resource, ...amounts }) =>
          `${part} needs ${describeAmount(resource, amounts.needs)} at a time; of ${describeAmount(resource, amounts.allocatable)} at least ${describeAmount(resource, amounts.requested)} are requested`,
      ),
    ),
  ];
}

/** What the nodes can take, or why that is not known. */
async function capacityOf(cluster: Cluster): Promise<Capacity | string> {
  let nodes: readonly Node[];
  try {
    nodes = await cluster.list<Node>(Nodes);
  } catch (failure) {
    return `the nodes cannot be listed: ${messageOf(failure)}`;
  }
  if (nodes.length === 0) return 'there are no nodes';
  let [together, largest] = [none, none];
  for (const { metadata, status } of nodes) {
    const cpu = parseQuantity(status?.allocatable?.['cpu'] ?? '');
    const memory = parseQuantity(status?.allocatable?.['memory'] ?? '');
    if (cpu === undefined || memory === undefined)
      return `node ${metadata.name} does not report its allocatable CPU and memory`;
    together = plus(together, { cpu, memory });
    largest = { cpu: Math.max(largest.cpu, cpu), memory: Math.max(largest.memory, memory) };
  }
  return { together, largest };
}

/** From lists that the run follows anyway. */
async function askingOf(cluster: Cluster, { from }: Plan): Promise<readonly Asking[]> {
  const pods = await cluster.listMetadata(Pods, { fieldSelector: livePods });
  const owned = Map.groupBy(pods.map(podFacts), ({ owner }) => owner);
  return (await listWorkloads(cluster)).map(({ kind, id, object }): Asking => {
    const { name, namespace = '' } = object.metadata;
    const members = owned.get(id) ?? [];
    const runsOld = members.some(({ revision }) => revision === from);
    return {
      namespace,
      name,
      requests: podRequests(
        object.spec.template,
        members.some(({ revision }) => revision !== 'none'),
      ),
      pods: members.length,
      surge: runsOld ? definitionOf(kind).surgePods(object, members.length) : 0,
    };
  });
}

/** Where the installer previews nothing, the new istiod is assumed to request what the old one does. */
async function istiodToCome(
  cluster: Cluster,
  { istioNamespace, from, to }: Plan,
  preview: () => Promise<readonly KubernetesObject[] | undefined>,
): Promise<IstiodAsks | undefined> {
  const istiods = (await cluster.list<WorkloadObject>(Deployments, { namespace: istioNamespace })).map((object) => ({
    ...object,
    kind: Deployments.kind,
  }));
  const old = istiodAsks(istiods, from);
  if (old === undefined || istiodAsks(istiods, to) !== undefined) return undefined;
  return istiodAsks((await preview()) ?? [], to) ?? old;
}
