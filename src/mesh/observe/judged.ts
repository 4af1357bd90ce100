import { collectEvidence, type Occasion } from '../../gate/collect-evidence.ts';
import { judgeGate } from '../../gate/judge.ts';
import { countWhileReplaced } from '../../gate/while-replaced.ts';
import type { JudgedEvidence } from '../../model/evidence.ts';
import { onlyObserves } from '../../model/gate-settings.ts';
import type { WaveMarks } from '../../model/marks.ts';
import type { Plan, Wave } from '../../model/plan.ts';
import { revisionSuffix } from '../../model/revision.ts';
import type { World } from '../../model/world.ts';
import type { Metrics } from '../../ports/prometheus.ts';
import { gatewayWaveName, isWatchedGateway, watchedGateways, watchedWaves } from '../gateway-wave.ts';
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
  const waves = watchedWaves(plan).map((wave) => ({ ...wave, known: marksOf({ marks, namespaces: all }, wave) }));
  const begun = waves.filter(({ known }) => known.startedAt !== undefined);
  const looked = begun
    .filter(({ known: { verdict } }) => verdict?.verdict !== 'fail' || onlyObserves(plan))
    .map((wave) => ({ wave, own: workloadsIn(wave, workloads, plan) }))
    // Of a wave that is not ready, only new pods beside old ones are looked at: one that is judged again has moved long ago.
    .filter(({ wave, own }) => wave.known.readyAt !== undefined || isUnderWay(own, plan))
    .map(({ wave, own }) => ({ wave, occasion: occasionOf(wave, own, plan, now) }));
  const turn = {
    now,
    begun: begun.map(({ namespaces, known: { readyAt } }) => ({
      namespaces,
      ...(readyAt !== undefined && { readyAt }),
    })),
  };
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
  { name, namespaces, known: { startedAt = 0, empty, readyAt, verdict } }: Wave & { known: WaveMarks },
  own: World['workloads'],
  plan: Plan,
  now: number,
): Occasion {
  // Gateways are given no verdict but a fail; one that is only observed stops no wave.
  const isBaked = readyAt !== undefined && now - readyAt > plan.gate.bakeMs;
  const goesOn = name === gatewayWaveName || (verdict !== undefined && onlyObserves(plan));
  const pods = podsOf(own, plan);
  return {
    wave: name,
    namespaces,
    pods,
    ...(empty && pods.size === 0 && { empty }),
    ready: new Set(own.filter(({ rollout }) => rollout.complete).map(({ id }) => id)),
    istiod: `istiod${revisionSuffix(plan.to)}`,
    startedAt,
    ...(readyAt !== undefined && { readyAt }),
    passed: verdict?.verdict === 'pass' || (goesOn && isBaked),
    ...(name === gatewayWaveName && { only: new Set(watchedGateways(plan)) }),
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

/** The workloads of a wave. A waived one does not count: its pods can be the rest of a broken rollout. */
function workloadsIn(
  { name, namespaces }: Pick<Wave, 'name' | 'namespaces'>,
  workloads: World['workloads'],
  plan: Plan,
): World['workloads'] {
  const ofGateways = name === gatewayWaveName;
  const chosen = new Set(namespaces);
  const waived = new Set(plan.waivers.map(({ workload }) => workload));
  return workloads.filter(
    (workload) =>
      chosen.has(workload.namespace) && !waived.has(workload.id) && isWatchedGateway(workload, plan) === ofGateways,
  );
}

const isUnderWay = (own: World['workloads'], { to }: Plan): boolean =>
  own.some(({ podNames }) => (podNames.get(to) ?? []).length > 0) &&
  own.some(
    ({ rollout, pods }) => !rollout.complete || [...pods].some(([revision, count]) => revision !== to && count > 0),
  );

/** `namespace/pod` of the live pods that run the new revision, with their workloads, by what the cluster reports and not by a label of the metrics. */
const podsOf = (own: World['workloads'], { to }: Plan): ReadonlyMap<string, string> =>
  new Map(
    own.flatMap(({ id, namespace, podNames }) =>
      (podNames.get(to) ?? []).map((pod) => [`${namespace}/${pod}`, id] as const),
    ),
  );
