import type { EffectDefinition } from './effect-definition.ts';

/** Installs the istiod of a revision beside the running one. */
export const install: EffectDefinition<'install'> = {
  describe: ({ revision }) => `install istiod ${revision}`,
  isNote: false,
  journalled: {},
  leavesValid: [],
  perform: async ({ revision }, { installer, plan }) =>
    await installer.install({ revision, readinessTimeoutMs: plan.pace.rolloutTimeoutMs, ...plan.install }),
};
