import type { Invariant } from './invariant.ts';

export const endsInTime: Invariant = {
  id: 'I9',
  title: 'every run ends within its bound',
  watch: ({ task, broken }) => ({
    attemptEnded: (runId, claim) => {
      if (claim === 'endless') broken(`${runId} did not end within ${task.attemptMsMax / 60_000} minutes`);
    },
  }),
};
