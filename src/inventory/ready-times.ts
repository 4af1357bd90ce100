import { podFacts } from '../mesh/observe/pod-facts.ts';
import { livePods } from '../mesh/observe/workloads.ts';
import type { Workload } from '../model/world.ts';
import { Pods } from '../ports/kinds.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { Pod } from '../ports/objects.ts';

/** Full pods need a hundred times the memory of their metadata; after this many pods no further namespace is measured. */
const podsMax = 5_000;

/** What only full pods say of workloads, by the workload's id. */
export interface Measured {
  /** How long its pods took from creation to ready, in seconds. */
  seconds: ReadonlyMap<string, number>;
  /** The highest priority of its pods, where it is not 0. */
  priorities: ReadonlyMap<string, number>;
  /** Namespaces that were not read. */
  unmeasured: readonly string[];
}

/** One reading of the pods of each namespace, the smallest first, until so many have been read. */
export async function readyTimes(cluster: Cluster, workloads: readonly Workload[]): Promise<Measured> {
  const sizes = new Map<string, number>();
  for (const { namespace, pods } of workloads)
    sizes.set(
      namespace,
      [...pods.values()].reduce((sum, count) => sum + count, sizes.get(namespace) ?? 0),
    );
  const took = new Map<string, number[]>();
  const priorities = new Map<string, number>();
  const unmeasured: string[] = [];
  let read = 0;
  for (const [namespace, size] of [...sizes].sort(([, a], [, b]) => a - b)) {
    if (read + size > podsMax) {
      unmeasured.push(namespace);
      continue;
    }
    read += size;
    for (const pod of await cluster.list<Pod>(Pods, { namespace, fieldSelector: livePods, fresh: true })) {
      const seconds = readyAfter(pod);
      const { owner } = podFacts(pod);
      const { priority = 0 } = pod.spec;
      if (priority !== 0) priorities.set(owner, Math.max(priority, priorities.get(owner) ?? priority));
      if (seconds !== undefined) took.set(owner, [...(took.get(owner) ?? []), seconds]);
    }
  }
  const seconds = new Map([...took].map(([owner, all]) => [owner, median(all)]));
  return { seconds, priorities, unmeasured };
}

/** A pod whose containers have restarted was ready at other times too: the last of them says nothing about its start. */
function readyAfter({ metadata, status }: Pod): number | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const restarts = (status?.containerStatuses ?? []).some(({ restartCount = 0 }) => restartCount > 0);
  if (ready?.status !== 'True' || restarts || metadata.deletionTimestamp !== undefined) return undefined;
  const seconds = (Date.parse(ready.lastTransitionTime ?? '') - Date.parse(metadata.creationTimestamp ?? '')) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
