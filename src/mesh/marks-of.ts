import { marksFor, type WaveMarks } from '../model/marks.ts';
import type { Wave } from '../model/plan.ts';
import type { World } from '../model/world.ts';

/** The namespaces of a wave that exist: only of these can a mark say anything. One that was away when it was given was not judged. */
export function presentIn({ namespaces }: Pick<World, 'namespaces'>, wave: Wave): readonly string[] {
  return wave.namespaces.filter((name) => namespaces.get(name)?.terminating === false);
}

/** What the journal says of a wave and of the namespaces that it has in this snapshot. */
export function marksOf(world: Pick<World, 'marks' | 'namespaces'>, wave: Wave): WaveMarks {
  return marksFor(world.marks, { ...wave, namespaces: presentIn(world, wave) });
}
