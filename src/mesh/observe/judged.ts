import { collectEvidence, type Occasion } from '../../gate/collect-evidence.ts';
import { judgeGate } from '../../gate/judge.ts';
import { countWhileReplaced } from '../../gate/while-replaced.ts';
import type { JudgedEvidence } from '../../model/evidence.ts';
import type { Plan, Wave } from '../../model/plan.ts';
import { revisionSuffix } from '../../model/revision.ts';
import type { World } from '../../model/world.ts';
import type { Metrics } from '../../ports/prometheus.ts';
import { marksOf } from '../marks-of.ts';

/**
 * The evidence on the wave that waits for its verdict and on those that have passed, each judged once, here: stages, log and
 * charts read the same judgement. The other waves have nothing to show yet.
 */
export async function observeJudged(
  metrics: Metrics,
  { workloads, namespaces: all, marks, now }: Pick<World, 'workloads' | 'namespaces' | 'marks' | 'now'>,
  plan: Plan,
): Promise<readonly JudgedEvidence[]> {
  const watched = plan.waves
    .map((wave) => ({ ...wave, known: marksOf({ marks, namespaces: all }, wave) }))
    .filter(({ known: { readyAt, verdict } }) => readyAt !== undefined && verdict?.verdict !== 'fail');
  return Promise.all(
    watched.map(async ({ name, namespaces, known: { startedAt = now, readyAt = now, verdict } }) => {
      const occasion: Occasion = {
        wave: name,
        mode: verdict?.verdict === 'pass' ? 'watch' : 'bake',
        namespaces,
        pods: podsOf(workloads, { name, namespaces }, plan),
        istiod: `istiod${revisionSuffix(plan.to)}`,
        startedAt,
        readyAt,
        now,
        variables: { revision: plan.to, from: plan.from },
      };
      const evidence = await collectEvidence(metrics, occasion, plan.gate);
      const judged = judgeGate(evidence, plan.gate, now);
      const { since, until, distrust } = evidence;
      // Prometheus has no samples of the whole time yet, or has just failed to answer.
      if (distrust.length > 0) return judged;
      const look = { ...occasion, since, until, settings: plan.gate };
      const whileReplaced = verdict?.whileReplaced ?? (await countWhileReplaced(metrics, look));
      return { ...judged, ...(whileReplaced && { whileReplaced }) };
    }),
  );
}

/** Whether a bake that was under way in this evidence has ended since: its verdict need not wait for the next turn. */
export function isBakeOver(
  judged: readonly JudgedEvidence[],
  now: number,
  { gate: { bakeMs, settleMs } }: Pick<Plan, 'gate'>,
): boolean {
  return judged.some(({ evidence: { mode, until, readyAt } }) => {
    const end = readyAt + bakeMs;
    return mode === 'bake' && until < end && now - settleMs >= end;
  });
}

/**
 * `namespace/pod` of the live pods of the wave that run the new revision, by what the cluster reports and not by a label of the
 * metrics. Pods of a waived workload do not count: they can be the rest of a broken rollout.
 */
function podsOf(workloads: World['workloads'], { namespaces }: Wave, { to, waivers }: Plan): ReadonlySet<string> {
  const chosen = new Set(namespaces);
  const waived = new Set(waivers.map(({ workload }) => workload));
  return new Set(
    workloads
      .filter(({ namespace, id }) => chosen.has(namespace) && !waived.has(id))
      .flatMap(({ namespace, podNames }) => (podNames.get(to) ?? []).map((pod) => `${namespace}/${pod}`)),
  );
}
