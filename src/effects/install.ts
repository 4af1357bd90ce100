import type { EffectDefinition } from './effect-definition.ts';

/** Installs the istiod of a revision beside the running one. */
export const install: EffectDefinition<'install'> = {
  describe: ({ revision, leavesDefinitions }) =>
    `install istiod ${revision}${leavesDefinitions === true ? ', and leave the newer CRDs as they are' : ''}`,
  isNote: false,
  journalled: {},
  leavesValid: [],
  perform: async ({ revision, leavesDefinitions }, { installer, plan }) =>
    await installer.install({
      revision,
      ...(leavesDefinitions === true ? { leavesDefinitions } : {}),
      readinessTimeoutMs: plan.pace.rolloutTimeoutMs,
      ...plan.install,
    }),
};
