import type { EffectDefinition } from './effect-definition.ts';
import { markWave } from './mark-wave.ts';

/** Notes the verdict of a wave: it is in the journal before anything acts on it. */
export const recordVerdict: EffectDefinition<'record-verdict'> = {
  describe: ({ wave, judged }) => `record verdict ${judged.verdict} of wave ${wave}`,
  isNote: true,
  journalled: false,
  leavesValid: [],
  perform: async ({ wave, namespaces, judged }, { journal, emit }) => {
    await markWave(journal, wave, (marks) => ({ ...marks, namespaces, verdict: judged }));
    emit({ kind: 'verdict', wave, judged });
  },
};
