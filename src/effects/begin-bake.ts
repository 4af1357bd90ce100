import type { EffectDefinition } from './effect-definition.ts';
import { markWave } from './mark-wave.ts';

/** Notes when the last pod of a wave was seen ready. */
export const beginBake: EffectDefinition<'begin-bake'> = {
  describe: ({ wave }) => `begin the bake of wave ${wave}`,
  isNote: true,
  journalled: false,
  leavesValid: [],
  perform: async ({ wave, namespaces, gateways }, { journal, now }) =>
    await markWave(journal, wave, (marks) => ({ ...marks, namespaces, readyAt: now, ...(gateways && { gateways }) })),
};
