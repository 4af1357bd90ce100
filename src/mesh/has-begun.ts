import type { Plan } from '../model/plan.ts';
import { isOfPlan } from '../model/restart-mark.ts';
import type { Workload } from '../model/world.ts';

/** Whether it was restarted, or some of its pods were replaced by themselves and run the target already. */
export const hasBegun = ({ restartedBy, pods }: Pick<Workload, 'restartedBy' | 'pods'>, plan: Plan): boolean =>
  isOfPlan(restartedBy, plan) || (pods.get(plan.to) ?? 0) > 0;
