import type { Journal } from '../model/journal.ts';
import { waveState } from '../model/journal.ts';
import { marksFor } from '../model/marks.ts';
import { reversed, type Wave } from '../model/plan.ts';
import type { World } from '../model/world.ts';
import { elapsed } from '../report/render-event.ts';
import { countRestarts } from '../rollout/count-restarts.ts';

/** How far the wave is that moves or bakes now, from the journal and the mesh: `0:18 of 5:00, about 4:42 to go`. */
export function waveProgress(
  journal: Journal,
  wave: Wave,
  world: Pick<World, 'workloads' | 'namespaces'>,
  now: number,
): string | undefined {
  const { plan, marks } = journal;
  const state = waveState(journal, wave);
  if (state === 'restarting') {
    const count = countRestarts({ ...world, marks }, plan);
    return count?.wave === wave.name ? `${count.done} of ${count.workloads} workloads` : undefined;
  }
  const { readyAt } = marksFor(marks, wave);
  if (state !== 'baking' || readyAt === undefined) return undefined;
  const { bakeMs, settleMs } = plan.gate;
  const bakedMs = Math.max(0, Math.min(bakeMs, now - readyAt - settleMs));
  return `${elapsed(bakedMs)} of ${elapsed(bakeMs)}, ${bakedMs < bakeMs ? `about ${elapsed(bakeMs - bakedMs)} to go` : 'not judged yet'}`;
}

/** Of a rollback that is under way. */
export function rollbackProgress(
  { plan, marks, state }: Journal,
  world: Pick<World, 'workloads' | 'namespaces'>,
): string | undefined {
  if (state !== 'rolling-back') return undefined;
  const count = countRestarts({ ...world, marks }, reversed(plan));
  return count && `${count.done} of ${count.workloads} workloads are back`;
}
