import type { WaveMarks } from '../model/marks.ts';
import type { EffectContext } from './effect-definition.ts';

/** Changes what the journal says of a wave. */
export async function markWave(
  journal: EffectContext['journal'],
  wave: string,
  change: (marks: WaveMarks) => WaveMarks,
): Promise<void> {
  await journal.update((old) => ({
    ...old,
    marks: { ...old.marks, waves: { ...old.marks.waves, [wave]: change(old.marks.waves[wave] ?? {}) } },
  }));
}
