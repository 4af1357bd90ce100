import { collectEvidence, type Occasion } from '../../gate/collect-evidence.ts';
import { judgeGate } from '../../gate/judge.ts';
import { countWhileReplaced } from '../../gate/while-replaced.ts';
import type { JudgedEvidence } from '../../model/evidence.ts';
import type { WaveMarks } from '../../model/marks.ts';
import type { Plan, Wave } from '../../model/plan.ts';
import { revisionSuffix } from '../../model/revision.ts';
import type { World } from '../../model/world.ts';
import type { Metrics } from '../../ports/prometheus.ts';
import { marksOf } from '../marks-of.ts';

/**
 * The evidence on every wave that has begun, each judged once, here: stages, log and charts read the same judgement. A wave whose pods
 * are being replaced can only fail; the one that waits for its verdict can pass; those that have passed are watched.
 */
export async function observeJudged(
  metrics: Metrics,
  { workloads, namespaces: all, marks, now }: Pick<World, 'workloads' | 'namespaces' | 'marks' | 'now'>,
  plan: Plan,
): Promise<readonly JudgedEvidence[]> {
  const waves = plan.waves.map((wave) => ({ ...wave, known: marksOf({ marks, namespaces: all }, wave) }));
  const begun = waves.filter(({ known }) => known.startedAt !== undefined);
  const looked = begun
    .filter(({ known: { verdict } }) => verdict?.verdict !== 'fail')
    .map((wave) => ({ wave, occasion: occasionOf(wave, workloads, plan) }))
    // As long as nothing of it runs the new revision, there is nothing to look at.
    .filter(({ occasion }) => occasion.readyAt !== undefined || occasion.pods.size > 0);
  const turn = { now, begun: begun.flatMap(({ namespaces }) => namespaces) };
  const evidence = await collectEvidence(
    metrics,
    looked.map(({ occasion }) => occasion),
    turn,
    plan.gate,
  );
  return Promise.all(
    looked.flatMap(({ wave: { known }, occasion }, index) => {
      const each = evidence[index];
      return each === undefined ? [] : withCostOfRestart(judgeGate(each, plan.gate, now), occasion, known.verdict);
    }),
  );

  /** Also what failed while the pods were replaced, for the report. */
  async function withCostOfRestart(
    judged: JudgedEvidence,
    { readyAt, ...occasion }: Occasion,
    verdict: JudgedEvidence | undefined,
  ): Promise<JudgedEvidence> {
    // Prometheus has no samples of the whole time yet, or has just failed to answer.
    const isSettled = readyAt !== undefined && now - plan.gate.settleMs > readyAt;
    if (!isSettled || judged.evidence.distrust.length > 0) return judged;
    const whileReplaced =
      verdict?.whileReplaced ?? (await countWhileReplaced(metrics, { ...occasion, readyAt, settings: plan.gate }));
    return { ...judged, ...(whileReplaced && { whileReplaced }) };
  }
}

function occasionOf(
  { name, namespaces, known: { startedAt = 0, readyAt, verdict } }: Wave & { known: WaveMarks },
  workloads: World['workloads'],
  plan: Plan,
): Occasion {
  return {
    wave: name,
    namespaces,
    pods: podsOf(workloads, { namespaces }, plan),
    istiod: `istiod${revisionSuffix(plan.to)}`,
    startedAt,
    ...(readyAt !== undefined && { readyAt }),
    passed: verdict?.verdict === 'pass',
    variables: { revision: plan.to, from: plan.from },
  };
}

/** Whether a bake that was under way in this evidence has ended since: its verdict need not wait for the next turn. */
export function isBakeOver(
  judged: readonly JudgedEvidence[],
  now: number,
  { gate: { bakeMs, settleMs } }: Pick<Plan, 'gate'>,
): boolean {
  return judged.some(({ evidence: { mode, until, readyAt } }) => {
    const end = readyAt + bakeMs;
    return mode === 'bake' && until - settleMs < end && now - settleMs >= end;
  });
}

/**
 * `namespace/pod` of the live pods of the wave that run the new revision, with their workloads, by what the cluster reports and not by a label of the
 * metrics. Pods of a waived workload do not count: they can be the rest of a broken rollout.
 */
function podsOf(
  workloads: World['workloads'],
  { namespaces }: Pick<Wave, 'namespaces'>,
  { to, waivers }: Plan,
): ReadonlyMap<string, string> {
  const chosen = new Set(namespaces);
  const waived = new Set(waivers.map(({ workload }) => workload));
  return new Map(
    workloads
      .filter(({ namespace, id }) => chosen.has(namespace) && !waived.has(id))
      .flatMap(({ id, namespace, podNames }) =>
        (podNames.get(to) ?? []).map((pod) => [`${namespace}/${pod}`, id] as const),
      ),
  );
}
