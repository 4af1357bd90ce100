import type { Invariant } from './invariant.ts';

export const innocentNotBack: Invariant = {
  id: 'I11',
  title: 'a run in which the release did no harm never ends rolled back',
  watch: ({ conditions, broken }) => ({
    attemptEnded: (_runId, claim) => {
      if (typeof claim === 'string' || claim.end !== 'rolled-back' || conditions.mayBlameRelease) return;
      broken(`${claim.words} is said, although nothing was wrong with the release`);
    },
  }),
};
