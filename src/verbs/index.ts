import { ConfigFileUnreadable } from '../config/config-errors.ts';
import type { ConfiguredOptions } from './options.ts';
import type { Verb } from './verb.ts';

export type VerbName =
  | 'init'
  | 'check'
  | 'plan'
  | 'upgrade'
  | 'rollback'
  | 'status'
  | 'pause'
  | 'resume'
  | 'abort'
  | 'finalize'
  | 'unlock'
  | 'export';

export interface VerbFacts {
  run: Verb;
  description: string;
  needsConfig: boolean;
  /** A shell may leave the config out: it is proposed then. */
  proposesConfig?: true;
  /** It may change the cluster, and leaves a report. */
  changes: boolean;
  /** On a terminal it asks before its first write. */
  asks?: true;
}

/** What both entry points offer. Each is loaded when it is called: help and status do not wait for the PromQL grammar. */
export const verbs: Readonly<Record<VerbName, VerbFacts>> = {
  init: {
    run: async (options, caller) => (await import('./init.ts')).initVerb(options, caller),
    description: 'Write a config that fits the mesh, with the reason for each value; changes nothing in the cluster.',
    needsConfig: false,
    changes: false,
  },
  check: {
    run: async (options, caller) =>
      options.config === undefined
        ? (await import('./check-proposal.ts')).checkProposal(options, caller)
        : (await import('./check.ts')).checkVerb({ ...options, config: options.config }, caller),
    description: 'Prove that the upgrade can be made; writes nothing.',
    needsConfig: true,
    proposesConfig: true,
    changes: false,
  },
  plan: {
    run: withConfig(async () => (await import('./plan.ts')).planVerb),
    description: 'Show what an upgrade would do, and its hash; writes nothing.',
    needsConfig: true,
    changes: false,
  },
  upgrade: {
    run: withConfig(async () => (await import('./upgrade.ts')).upgradeVerb),
    description: 'Upgrade, or resume an upgrade, from the current state of the cluster.',
    needsConfig: true,
    changes: true,
    asks: true,
  },
  rollback: {
    run: async (options, caller) => (await import('./rollback.ts')).rollbackVerb(options, caller),
    description: 'Roll back an upgrade: first the tag, then every workload that runs the new revision.',
    needsConfig: false,
    changes: true,
    asks: true,
  },
  status: {
    run: async (options, caller) => (await import('./status.ts')).statusVerb(options, caller),
    description: 'Show the progress of an upgrade, read from the cluster alone; writes nothing.',
    needsConfig: false,
    changes: false,
  },
  pause: {
    run: async (options, caller) => (await import('./ask-run.ts')).askVerb('pause')(options, caller),
    description: 'Ask the run that is under way, on any machine, to begin nothing more until resume.',
    needsConfig: false,
    changes: false,
  },
  resume: {
    run: async (options, caller) => (await import('./ask-run.ts')).askVerb('resume')(options, caller),
    description: 'End a pause.',
    needsConfig: false,
    changes: false,
  },
  abort: {
    run: async (options, caller) => (await import('./ask-run.ts')).askVerb('abort')(options, caller),
    description: 'Ask the run that is under way, on any machine, to stop and roll back.',
    needsConfig: false,
    changes: false,
    asks: true,
  },
  finalize: {
    run: async (options, caller) => (await import('./finalize.ts')).finalizeVerb(options, caller),
    description: 'After a run that was cancelled or died: hold, or roll back if the config says so.',
    needsConfig: false,
    changes: true,
  },
  unlock: {
    run: async (options, caller) => (await import('./unlock.ts')).unlockVerb(options, caller),
    description: 'End the lock of a run that is known to be dead; --holder names it.',
    needsConfig: false,
    changes: false,
    asks: true,
  },
  export: {
    run: async (options, caller) => (await import('./export.ts')).exportVerb(options, caller),
    description: 'Write an inventory of the mesh, to rehearse its upgrade elsewhere; it contains no secrets.',
    needsConfig: false,
    changes: false,
  },
};

/** @throws CONFIG_FILE_UNREADABLE when no config is named */
function withConfig(load: () => Promise<Verb<ConfiguredOptions>>): Verb {
  return async (options, caller) => {
    const { config } = options;
    if (config === undefined) throw ConfigFileUnreadable.of('', '--config', 'none is named');
    const verb = await load();
    return await verb({ ...options, config }, caller);
  };
}
