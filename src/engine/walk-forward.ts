import { watchedWaves } from '../mesh/gateway-wave.ts';
import { observeMesh } from '../mesh/observe.ts';
import type { Problem } from '../model/finding.ts';
import { marksWithin } from '../model/marks.ts';
import type { Plan } from '../model/plan.ts';
import type { Stage } from '../model/stage.ts';
import { movesBetween, withRestOfNow } from '../plan/make-plan.ts';
import type { Run } from './run.ts';
import { type WalkEnd, walk } from './walk.ts';

/**
 * Walks the stages of the way forward. Namespaces that appear meanwhile in the wave "*" join it before stage 7. After it, only those
 * that need a restart do: where namespaces come and go all day, to wait for a verdict on each of them would never end, and what was
 * created on the new revision cannot be restored by going back to the old one.
 * @param upTo as much of a plan as the run is to follow
 */
export async function walkForward(
  run: Run,
  stages: readonly Stage[],
  plan: Plan,
  upTo: (plan: Plan) => Plan,
): Promise<WalkEnd> {
  const setAside = new Map<string, Problem>();
  const go = (part: readonly Stage[], now: Plan) => walk(run, part, upTo(now), setAside);
  const waves = stages.findIndex(({ step }) => step === 'restart-waves');
  if (waves < 0) return await go(stages, plan);
  const before = await go(stages.slice(0, waves), plan);
  if (before.end !== 'reached') return before;

  let now = await withJoined(run, plan, 'all');
  let end = await go(stages.slice(waves, waves + 1), now);
  while (end.end === 'reached' && upTo(now).waves.length === now.waves.length) {
    const next = await withJoined(run, now, 'to restart');
    if (next === now) break;
    now = next;
    end = await go(stages.slice(waves, waves + 1), now);
  }
  const rest = stages.slice(waves + 1);
  return end.end === 'reached' && rest.length > 0 ? await go(rest, now) : end;
}

/** The plan with the namespaces that the wave "*" has now; when they changed, it is told and written to the journal. */
async function withJoined(run: Run, plan: Plan, who: 'all' | 'to restart'): Promise<Plan> {
  if (plan.rest === undefined) return plan;
  const world = await observeMesh(run.ports, ['namespaces', 'webhooks', 'workloads'], plan.istioNamespace);
  const next = withRestOfNow(plan, world, who);
  const moves = movesBetween(plan, next);
  if (moves.length === 0) return plan;
  await run.journal.update((journal) => ({
    ...journal,
    plan: next,
    marks: marksWithin(journal.marks, watchedWaves(next)),
  }));
  run.emit({ kind: 'namespaces-moved', moves });
  return next;
}
