import { canaryDisturbances } from '../mesh/disturbances.ts';
import type { Plan, Wave } from '../model/plan.ts';
import { defineStage } from '../model/stage.ts';
import { refusedByRelease } from '../rollout/refusals.ts';
import {
  brokenAlone,
  brokenForAll,
  describeVerdict,
  moveShortfalls,
  moveWave,
  recordFail,
  recordVerdict,
  redVerdicts,
  unreadyShortfalls,
  verdictShortfalls,
} from '../rollout/wave-progress.ts';

/** Stage 6: the canary has a verdict, and it is pass. Nothing is written but the verdict. */
export const judgeCanary = defineStage({
  step: 'judge-canary',
  looksAt: [
    'judged',
    'marks',
    'now',
    'tags',
    'workloads',
    'troubles',
    'stillFor',
    'setAside',
    'namespaces',
    'controlPlanes',
    'refusals',
  ],
  requires: () => [],
  // A workload that was set aside and has recovered begins the bake anew.
  effects: (world, plan) => {
    const fails = recordFail(world, plan);
    if (fails.length > 0) return fails;
    return canary(plan).flatMap((wave) => [
      ...recordVerdict(world, wave, plan),
      ...(moveShortfalls(world, wave, plan).length > 0 ? moveWave(world, wave, plan) : []),
    ]);
  },
  // Readiness is a part of the verdict.
  missing: (world, plan) =>
    canary(plan).flatMap((wave) => [...verdictShortfalls(world, wave, plan), ...unreadyShortfalls(world, wave, plan)]),
  setsAside: (world, plan) => canary(plan).flatMap((wave) => brokenAlone(world, wave, plan)),
  broken: (world, plan) => [
    ...redVerdicts(world, plan),
    ...canaryDisturbances(world, plan),
    ...refusedByRelease(world.refusals, plan),
    ...canary(plan).flatMap((wave) => brokenForAll(world, wave, plan)),
  ],
  proof: ({ marks }, plan) =>
    canary(plan)
      .map(({ name }) => describeVerdict(marks.waves[name]?.verdict))
      .join(''),
});

const canary = ({ waves }: Plan): readonly Wave[] => waves.slice(0, 1);
