import { keptVerdict } from '../gate/kept-verdict.ts';
import type { EffectDefinition } from './effect-definition.ts';
import { markWave } from './mark-wave.ts';

/** Notes the verdict of a wave: it is in the journal before anything acts on it. */
export const recordVerdict: EffectDefinition<'record-verdict'> = {
  describe: ({ wave, judged }) => `record verdict ${judged.verdict} of wave ${wave}`,
  isNote: true,
  journalled: false,
  leavesValid: [],
  perform: async ({ wave, namespaces, judged, without }, { journal, emit }) => {
    const told = { kind: 'verdict', wave, judged } as const;
    try {
      await markWave(journal, wave, (marks) => ({
        ...marks,
        namespaces,
        verdict: keptVerdict(judged),
        ...(without.length > 0 && { without }),
      }));
    } catch (failure) {
      // A verdict against the wave is acted on also when it cannot be written.
      if (judged.verdict !== 'pass') emit(told);
      throw failure;
    }
    emit(told);
  },
};
