import type { Injection, PodAnswer, Witness, Workload, World } from '../../model/world.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import { observeAdmissionSelectors } from '../probe/admission-selectors.ts';
import { classesOf } from '../probe/class-of.ts';
import { probeOf } from '../probe/probe-of.ts';
import { tryPod } from '../probe/try-pod.ts';

/**
 * Asks the API server which proxy a pod created now would get, by a dry run of a real workload's template in each class: all
 * admission runs, nothing is created. The answer is exact; labels and `analyze` are guesses (false IST0146 in tagged meshes).
 */
export async function observeInjections(
  cluster: Cluster,
  namespaces: World['namespaces'],
  workloads: readonly Workload[],
): Promise<readonly Injection[]> {
  const asked = await Promise.all(
    (await witnessesOf(cluster, namespaces, workloads)).map((members) => askClass(cluster, members)),
  );
  return asked.flatMap((injection) => injection ?? []);
}

/** The workloads of each class that can speak for it, best first. The pods of a namespace that ends are never made again. */
export async function witnessesOf(
  cluster: Cluster,
  namespaces: World['namespaces'],
  workloads: readonly Workload[],
): Promise<readonly (readonly Workload[])[]> {
  const classOf = classesOf(namespaces, await observeAdmissionSelectors(cluster));
  const lasting = workloads.filter(({ namespace }) => namespaces.get(namespace)?.terminating === false);
  return [...Map.groupBy(lasting, classOf).values()].map((members) => [
    ...acrossNamespaces(members.filter(hasProxy)),
    ...acrossNamespaces(members.filter((workload) => !hasProxy(workload))),
  ]);
}

/** The first workload of each namespace, then the second ones: what keeps one from speaking often keeps its neighbours too. */
function acrossNamespaces(workloads: readonly Workload[]): readonly Workload[] {
  const places = [...Map.groupBy(workloads, ({ namespace }) => namespace).values()].flatMap((members) =>
    members.map((workload, place) => ({ workload, place })),
  );
  return places.toSorted((a, b) => a.place - b.place).map(({ workload }) => workload);
}

const hasProxy = ({ pods }: Workload): boolean => [...pods.keys()].some((revision) => revision !== 'none');

/** A class is refused when all of so many are. */
const refusalsMax = 3;
/** Workloads of a class that are asked, when they say nothing of it. */
const askedMax = 8;

/** @returns `undefined` for a class whose pods get no proxy, now as before */
async function askClass(cluster: Cluster, members: readonly Workload[]): Promise<Injection | undefined> {
  const others: Witness[] = [];
  let isLeftAlone = true;
  for (const workload of members.slice(0, askedMax)) {
    const outcome = await ask(cluster, workload);
    const witness = { namespace: workload.namespace, workload: workload.id, outcome };
    const isBare = 'revision' in outcome && outcome.revision === 'none' && !hasProxy(workload);
    // An injector that does not answer refuses all of them, and may keep each for ten seconds.
    const speaks = 'revision' in outcome ? !isBare : 'refused' in outcome && outcome.by === 'injector';
    if (speaks) return { ...witness, others };
    isLeftAlone &&= isBare;
    if (!isBare) others.push(witness);
    if (others.filter(isRefused).length === refusalsMax) break;
  }
  if (isLeftAlone) return undefined;
  const first = others.find(isRefused) ?? others[0];
  return first && { ...first, others: others.filter((other) => other !== first) };
}

const isRefused = ({ outcome }: Witness): boolean => 'refused' in outcome;

async function ask(cluster: Cluster, workload: Workload): Promise<PodAnswer> {
  const pod = await probeOf(cluster, workload);
  return pod === undefined ? { passedOver: 'the workload is gone' } : (await tryPod(cluster, pod)).answer;
}
