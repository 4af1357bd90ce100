import { canaryDisturbances } from '../mesh/disturbances.ts';
import type { Plan, Wave } from '../model/plan.ts';
import { defineStage } from '../model/stage.ts';
import { refusedByRelease } from '../rollout/refusals.ts';
import {
  brokenAlone,
  brokenForAll,
  describeMoved,
  moveShortfalls,
  moveWave,
  recordFail,
  redVerdicts,
} from '../rollout/wave-progress.ts';

/** Stage 5: every mesh pod of the first wave runs the target's sidecar and is ready; its bake begins. */
export const restartCanary = defineStage({
  step: 'restart-canary',
  looksAt: [
    'workloads',
    'marks',
    'tags',
    'troubles',
    'stillFor',
    'namespaces',
    'controlPlanes',
    'now',
    'setAside',
    'refusals',
    'judged',
  ],
  requires: (world, plan) => [...canaryDisturbances(world, plan), ...redVerdicts(world, plan)],
  effects: (world, plan) => {
    // Its first new pods can fail already.
    const fails = recordFail(world, plan);
    return fails.length > 0 ? fails : canary(plan).flatMap((wave) => moveWave(world, wave, plan));
  },
  missing: (world, plan) => canary(plan).flatMap((wave) => moveShortfalls(world, wave, plan)),
  setsAside: (world, plan) => canary(plan).flatMap((wave) => brokenAlone(world, wave, plan)),
  broken: (world, plan) => [
    ...redVerdicts(world, plan),
    ...canaryDisturbances(world, plan),
    ...refusedByRelease(world.refusals, plan),
    ...canary(plan).flatMap((wave) => brokenForAll(world, wave, plan)),
  ],
  proof: (world, plan) =>
    canary(plan)
      .map((wave) => `${wave.namespaces.join(', ')}: ${describeMoved(world, wave, plan)}`)
      .join(''),
});

const canary = ({ waves }: Plan): readonly Wave[] => waves.slice(0, 1);
