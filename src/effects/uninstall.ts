import { removalOf } from '../mesh/own-install.ts';
import type { Marks } from '../model/marks.ts';
import type { EffectDefinition } from './effect-definition.ts';

/** Removes the istiod of a revision. From its intent on a rollback is impossible, whether or not the removal is seen to end. */
export const uninstall: EffectDefinition<'uninstall'> = {
  describe: ({ revision, isGone }) =>
    isGone === true ? `record that istiod ${revision} was removed` : `uninstall istiod ${revision}`,
  isNote: false,
  journalled: {
    atIntent: (marks, at) => ({ ...marks, removalBegan: marks.removalBegan ?? at }),
    whenDropped: (marks, announcedAt) => (marks.removalBegan === announcedAt ? withoutRemoval(marks) : marks),
  },
  // Nothing used what is removed.
  leavesValid: ['usage'],
  perform: async ({ isGone }, { installer, plan }) => {
    if (isGone !== true) await installer.remove(removalOf(plan));
  },
};

function withoutRemoval({ removalBegan: _notBegun, ...marks }: Marks): Marks {
  return marks;
}
