import type { EffectDefinition } from './effect-definition.ts';

/** Notes when nothing was first seen to use the old revision, or that it is in use again. */
export const recordUnused: EffectDefinition<'record-unused'> = {
  describe: ({ clean }) =>
    clean ? 'record that nothing uses the old revision' : 'record that the old revision is in use again',
  isNote: true,
  journalled: false,
  // A reading of the whole cluster, in which our own note changes nothing.
  leavesValid: ['usage'],
  perform: async ({ clean }, { journal, now }) =>
    await journal.update((old) => {
      const { unusedSince: _before, ...marks } = old.marks;
      return { ...old, marks: clean ? { ...marks, unusedSince: now } : marks };
    }),
};
