import { listWorkloads } from '../mesh/observe/list-workloads.ts';
import { podFacts } from '../mesh/observe/pod-facts.ts';
import { livePods } from '../mesh/observe/workloads.ts';
import { defineFinding } from '../model/finding.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { Plan } from '../model/plan.ts';
import { type Revision, revisionSuffix } from '../model/revision.ts';
import { messageOf } from '../model/upgrade-error.ts';
import { Deployments, Nodes, Pods } from '../ports/kinds.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { WorkloadObject } from '../ports/objects.ts';
import { definitionOf } from '../workloads/workloads.ts';
import type { FindingOf } from './define-check.ts';
import { podRequests } from './surge/pod-requests.ts';
import { type Amounts, describeAmount, none, parseQuantity, plus, times } from './surge/quantity.ts';
import { type Asking, shortages } from './surge/surge-needs.ts';

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

export const roomFindings = [SurgeWithoutRoom, RoomUnknown] as const;

interface Node extends KubernetesObject {
  status?: { allocatable?: Record<string, string> };
}

/**
 * Whether the nodes have room for the pods that a restart runs beside the old ones. One request; never blocks, since
 * an autoscaler may add nodes.
 */
export async function inspectRoom(cluster: Cluster, plan: Plan): Promise<readonly FindingOf<typeof roomFindings>[]> {
  const allocatable = await allocatableOf(cluster);
  if (typeof allocatable === 'string')
    return [RoomUnknown.of('Whether the nodes have room for the surge of the restarts is not known.', [allocatable])];
  const short = shortages(
    { allocatable, workloads: await askingOf(cluster, plan), istiod: await istiodToCome(cluster, plan) },
    plan,
  );
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

/** What all nodes can take together, or why that is not known. */
async function allocatableOf(cluster: Cluster): Promise<Amounts | string> {
  let nodes: readonly Node[];
  try {
    nodes = await cluster.list<Node>(Nodes);
  } catch (failure) {
    return `the nodes cannot be listed: ${messageOf(failure)}`;
  }
  if (nodes.length === 0) return 'there are no nodes';
  let sum = none;
  for (const { metadata, status } of nodes) {
    const cpu = parseQuantity(status?.allocatable?.['cpu'] ?? '');
    const memory = parseQuantity(status?.allocatable?.['memory'] ?? '');
    if (cpu === undefined || memory === undefined)
      return `node ${metadata.name} does not report its allocatable CPU and memory`;
    sum = plus(sum, { cpu, memory });
  }
  return sum;
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

/** The new istiod is assumed to request what the old one does; better numbers exist only after its install. */
async function istiodToCome(cluster: Cluster, { istioNamespace, from, to }: Plan): Promise<Amounts> {
  const istiods = await cluster.list<WorkloadObject>(Deployments, { namespace: istioNamespace });
  const of = (revision: Revision) =>
    istiods.find(({ metadata }) => metadata.name === `istiod${revisionSuffix(revision)}`);
  const old = of(from);
  if (old === undefined || of(to) !== undefined) return none;
  return times(podRequests(old.spec.template, false), old.spec.replicas ?? 1);
}
