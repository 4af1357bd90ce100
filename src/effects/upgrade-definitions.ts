import { describeRelease } from '../model/release-name.ts';
import type { EffectDefinition } from './effect-definition.ts';

/** Brings Istio's CRDs, which all revisions share, to the release of the target, before an istiod comes that needs them. */
export const upgradeDefinitions: EffectDefinition<'upgrade-definitions'> = {
  describe: ({ release, version }) => `upgrade the CRDs of Helm release ${describeRelease(release)} to ${version}`,
  isNote: false,
  journalled: {},
  leavesValid: [],
  perform: async ({ kind: _kind, ...upgrade }, { installer }) => {
    if (installer.upgradeDefinitions === undefined) throw new Error('this installer does not upgrade CRDs');
    await installer.upgradeDefinitions(upgrade);
  },
};
