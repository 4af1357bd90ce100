import type { Plan } from '../../model/plan.ts';
import type { Revision } from '../../model/revision.ts';
import {
  type Comparison,
  notAsked,
  type PodAnswer,
  type Witness,
  type Workload,
  type World,
} from '../../model/world.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import { podsOf } from '../observe/troubles.ts';
import { type Asked, probeOf } from './probe-of.ts';
import { tryUnder } from './try-under.ts';

/** Others of a class that are asked before a sidecar counts as what is refused. */
const matesMax = 2;

/**
 * Tries the pod of a workload with the sidecar of each revision of the plan; the same way for both, so that what differs in the
 * answers is due to the sidecar.
 * @param mates others of its class
 */
export async function compareRevisions(
  cluster: Cluster,
  workload: Asked & Pick<Workload, 'selector'>,
  mates: readonly (Asked & Pick<Workload, 'selector'>)[],
  { from, to, istioNamespace }: Pick<Plan, 'from' | 'to' | 'istioNamespace'>,
  world: Pick<World, 'webhooks' | 'namespaces'>,
): Promise<Comparison> {
  const ask = async (asked: Asked & Pick<Workload, 'selector'>, revision: Revision): Promise<PodAnswer> => {
    const pod = await probeOf(cluster, asked);
    if (pod === undefined) return { passedOver: 'the workload is gone' };
    const mesh = { ...world, istioNamespace };
    return (await tryUnder(cluster, pod, revision, mesh, () => podsOf(cluster, asked))).answer;
  };
  const about = { namespace: workload.namespace, workload: workload.id };
  const withNew = await ask(workload, to);
  if (!('refused' in withNew) || withNew.by === 'injector')
    return { ...about, to: withNew, from: notAsked, others: [] };
  const withOld = await ask(workload, from);
  if (!('revision' in withOld)) return { ...about, to: withNew, from: withOld, others: [] };
  const others = await Promise.all(
    mates.slice(0, matesMax).map(async (mate): Promise<Witness> => {
      return { namespace: mate.namespace, workload: mate.id, outcome: await ask(mate, to) };
    }),
  );
  return { ...about, to: withNew, from: withOld, others };
}
