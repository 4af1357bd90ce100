import { disturbances } from '../mesh/disturbances.ts';
import { marksOf } from '../mesh/marks-of.ts';
import type { Plan, Wave } from '../model/plan.ts';
import { defineStage, type Shortfall } from '../model/stage.ts';
import type { World } from '../model/world.ts';
import { refusedByRelease } from '../rollout/refusals.ts';
import {
  brokenAlone,
  brokenForAll,
  describeMoved,
  doubtedForTooLong,
  moveShortfalls,
  moveWave,
  recordFail,
  recordVerdict,
  redVerdicts,
  verdictShortfalls,
  watchShortfalls,
} from '../rollout/wave-progress.ts';

type Observed = Pick<World, 'workloads' | 'namespaces' | 'troubles' | 'marks' | 'judged' | 'now' | 'setAside'>;

/** Stage 7: the other waves, one after the other, each judged like the canary; the earlier ones stay watched. */
export const restartWaves = defineStage({
  step: 'restart-waves',
  looksAt: [
    'workloads',
    'marks',
    'judged',
    'now',
    'tags',
    'troubles',
    'stillFor',
    'namespaces',
    'controlPlanes',
    'setAside',
    'refusals',
  ],
  requires: (world, plan) => [...disturbances(world, plan), ...redVerdicts(world, plan)],
  effects: (world, plan) => {
    // Beside a fail nothing else is concluded, and nothing more is restarted.
    const fails = recordFail(world, plan);
    if (fails.length > 0) return fails;
    return [
      ...plan.waves.flatMap((wave) => recordVerdict(world, wave, plan)),
      ...current(world, plan).flatMap((wave) =>
        moveShortfalls(world, wave, plan).length > 0 && waitsFor(world, wave, plan).length === 0
          ? moveWave(world, wave, plan)
          : [],
      ),
    ];
  },
  missing: (world, plan) => {
    const waves = current(world, plan);
    if (waves.length === 0) return watchShortfalls(world, plan);
    return waves.flatMap((wave) => [...waitsFor(world, wave, plan), ...shortfallsOf(world, wave, plan)]);
  },
  broken: (world, plan) => [
    ...redVerdicts(world, plan),
    ...disturbances(world, plan),
    ...refusedByRelease(world.refusals, plan),
    ...current(world, plan).flatMap((wave) => brokenForAll(world, wave, plan)),
    ...doubtedForTooLong(world, plan),
  ],
  setsAside: (world, plan) => current(world, plan).flatMap((wave) => brokenAlone(world, wave, plan)),
  proof: (world, plan) =>
    rest(plan)
      .map((wave) => `${wave.name}: ${describeMoved(world, wave, plan)}`)
      .join(', ') || 'there is no other wave',
});

const rest = ({ waves }: Plan): readonly Wave[] => waves.slice(1);

/** The first wave with something missing; the canary too, since its pods can fail later. */
function current(world: Observed, plan: Plan): readonly Wave[] {
  return plan.waves.filter((wave) => shortfallsOf(world, wave, plan).length > 0).slice(0, 1);
}

/** A wave begins when those that have passed are seen to be well. */
const waitsFor = (world: Observed, wave: Wave, plan: Plan): readonly Shortfall[] =>
  marksOf(world, wave).startedAt === undefined ? watchShortfalls(world, plan) : [];

function shortfallsOf(world: Observed, wave: Wave, plan: Plan): readonly Shortfall[] {
  const moving = moveShortfalls(world, wave, plan);
  return moving.length > 0 ? moving : verdictShortfalls(world, wave, plan);
}
