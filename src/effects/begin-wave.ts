import type { EffectDefinition } from './effect-definition.ts';
import { markWave } from './mark-wave.ts';

/** Notes when the first workload of a wave is about to be restarted. What was noted for another set of namespaces ends with it. */
export const beginWave: EffectDefinition<'begin-wave'> = {
  describe: ({ wave }) => `begin wave ${wave}`,
  isNote: true,
  journalled: false,
  leavesValid: [],
  perform: async ({ wave, namespaces, empty }, { journal, now }) =>
    await markWave(journal, wave, () => ({ namespaces, startedAt: now, ...(empty && { empty }) })),
};
