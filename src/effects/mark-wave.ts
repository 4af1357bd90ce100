import type { WaveMarks } from '../model/marks.ts';
import type { EffectContext } from './effect-definition.ts';

/** Adds to what the journal says of a wave. */
export async function markWave(journal: EffectContext['journal'], wave: string, mark: WaveMarks): Promise<void> {
  await journal.update((old) => ({
    ...old,
    marks: { ...old.marks, waves: { ...old.marks.waves, [wave]: { ...old.marks.waves[wave], ...mark } } },
  }));
}
