import { disturbances } from '../mesh/disturbances.ts';
import { defineStage } from '../mesh/stage.ts';
import type { Plan, Wave } from '../plan/plan.ts';
import { describeVerdict, judgeShortfalls, judgeWave, redVerdicts } from '../rollout/wave-progress.ts';

/** Stage 6: the canary has a verdict, and it is pass. Nothing is written but the verdict. */
export const judgeCanary = defineStage({
  number: 6,
  name: 'judge-canary',
  title: 'Judge the canary by its metrics',
  looksAt: ['evidence', 'marks', 'now', 'tags', 'workloads', 'namespaces', 'controlPlanes'],
  requires: () => [],
  effects: (world, plan) => canary(plan).flatMap((wave) => judgeWave(world, wave, plan)),
  missing: (world, plan) => canary(plan).flatMap((wave) => judgeShortfalls(world, wave, plan)),
  broken: (world, plan) => [...redVerdicts(world, canary(plan)), ...disturbances(world, plan)],
  proof: ({ marks }, plan) =>
    plan.direction === 'back'
      ? 'not judged on the way back'
      : canary(plan)
          .map(({ name }) => describeVerdict(marks.waves[name]?.verdict))
          .join(''),
});

const canary = ({ waves }: Plan): readonly Wave[] => waves.slice(0, 1);
