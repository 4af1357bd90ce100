import { belongsTo } from '../mesh/belongs-to.ts';
import { marksOf } from '../mesh/marks-of.ts';
import type { Plan } from '../model/plan.ts';
import type { RestartCount } from '../model/restart-count.ts';
import { isOfPlan } from '../model/restart-mark.ts';
import type { Workload, World } from '../model/world.ts';
import { hasArrived, workloadsOf } from './next-restarts.ts';
import { whyNotMoved } from './why-not-moved.ts';

/**
 * Of the wave that moves now, or of the rollback.
 * @returns undefined while none does, or when the stage does not look at what it needs
 */
export function countRestarts(
  { workloads, marks, namespaces, setAside }: Partial<World>,
  plan: Plan,
): RestartCount | undefined {
  if (workloads === undefined || marks === undefined || namespaces === undefined) return undefined;
  const isDone = (workload: Workload) =>
    hasArrived(workload, plan) || whyNotMoved(workload, plan) !== undefined || setAside?.has(workload.id) === true;
  const counted = (wave: string, all: readonly Workload[]) => ({
    wave,
    workloads: all.length,
    done: all.filter(isDone).length,
  });
  if (plan.direction === 'back') {
    const moved = workloads.filter(
      (each) => belongsTo(each, plan) && (isOfPlan(each.restartedBy, plan) || !hasArrived(each, plan)),
    );
    return moved.length === 0 ? undefined : counted('', moved);
  }
  const wave = plan.waves.find((each) => {
    const { startedAt, readyAt } = marksOf({ marks, namespaces }, each);
    return startedAt !== undefined && readyAt === undefined;
  });
  return wave && counted(wave.name, workloadsOf(workloads, wave.namespaces, plan));
}
