import type { Pod, WorkloadObject } from '../../../../src/ports/objects.ts';
import { ownerOfPod } from '../../../../src/workloads/owner-of-pod.ts';
import { definitionOf, isWorkloadKind } from '../../../../src/workloads/workloads.ts';
import { revisionOfTagWebhook } from '../mesh-facts.ts';
import type { Invariant } from './invariant.ts';
import { onRestart } from './restarts.ts';

const isUnschedulable = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ reason }) => reason === 'Unschedulable') ?? false;
const isWaiting = ({ status }: Pod): boolean =>
  [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].some(
    ({ state }) => state?.waiting !== undefined,
  );
/** Scheduled, and its kubelet says nothing of it, or it was marked as not ready while its containers are. */
const isOnSilentNode = ({ spec, status }: Pod): boolean =>
  spec.nodeName !== undefined &&
  (status?.containerStatuses ?? []).every(({ ready }) => ready) &&
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') !== true;

/**
 * A rollout counts from the restart to the moment at which every pod of it was replaced and ready once; what happens to it
 * later is not the contender's fault. One whose pod cannot start, is refused, or is on a node that does not report does not count
 * meanwhile. If another is begun while its node is silent, it does not count any more: it goes on by itself when the node reports
 * again. Each direction counts by itself: a rollback restarts what the upgrade left unfinished.
 */
export const neverAboveTheCap: Invariant = {
  id: 'I3',
  title: 'never more rollouts at one time than the cap',
  watch: ({ sim, task, writers, broken }) => {
    const underWay = new Set<string>();
    const leftBehind = new Set<string>();
    let direction: string | undefined;
    /** Such a rollout may be left behind: it moves no pod until its trouble is over. */
    const cannotStart = (id: string) => {
      const pods = sim.pods().filter((pod) => ownerOfPod(pod) === id);
      return (
        pods.some((pod) => isUnschedulable(pod) || isWaiting(pod) || isOnSilentNode(pod)) ||
        refused.has(id) ||
        pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length < (desired.get(id) ?? 0)
      );
    };
    const isSilenced = (id: string) =>
      sim.pods().some((pod) => ownerOfPod(pod) === id && pod.status?.containerStatuses?.length && isOnSilentNode(pod));
    const refused = new Set<string>();
    const desired = new Map<string, number>();
    onRestart(writers, ({ id }) => {
      const now = revisionOfTagWebhook(sim, task.tag);
      if (now !== direction) {
        underWay.clear();
        leftBehind.clear();
      }
      direction = now;
      for (const each of underWay) if (isSilenced(each)) leftBehind.add(each);
      underWay.add(id);
      leftBehind.delete(id);
      if (underWay.size <= task.workloadsAtOnce) return;
      const moving = [...underWay].filter((each) => !leftBehind.has(each) && !cannotStart(each));
      if (moving.length > task.workloadsAtOnce)
        broken(`${moving.length} rollouts at one time, ${task.workloadsAtOnce} are allowed: ${moving.join(', ')}`);
    });
    sim.store.onChange(({ kind, object, type }) => {
      if (underWay.size === 0 || !isWorkloadKind(kind.kind)) return;
      const id = `${kind.kind} ${object.metadata.namespace}/${object.metadata.name}`;
      if (!underWay.has(id)) return;
      const rollout = definitionOf(kind.kind).rolloutOf(object as WorkloadObject);
      desired.set(id, rollout.desired);
      if (rollout.refused === undefined) refused.delete(id);
      else refused.add(id);
      if (type === 'DELETED' || rollout.complete) underWay.delete(id);
    });
    return {};
  },
};
