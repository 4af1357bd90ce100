import { checkVerb } from './check.ts';
import { finalizeVerb } from './finalize.ts';
import { planVerb } from './plan.ts';
import { rollbackVerb } from './rollback.ts';
import { statusVerb } from './status.ts';
import { upgradeVerb } from './upgrade.ts';
import type { Verb } from './verb.ts';

export type VerbName = 'check' | 'plan' | 'upgrade' | 'rollback' | 'status' | 'finalize';

export interface VerbFacts {
  run: Verb;
  description: string;
  needsConfig: boolean;
  /** It may change the cluster, and leaves a report. */
  changes: boolean;
}

/** What both doors offer. */
export const verbs: Readonly<Record<VerbName, VerbFacts>> = {
  check: {
    run: checkVerb,
    description: 'Prove that the upgrade can be made; writes nothing.',
    needsConfig: true,
    changes: false,
  },
  plan: {
    run: planVerb,
    description: 'Show what an upgrade would do, and its hash; writes nothing.',
    needsConfig: true,
    changes: false,
  },
  upgrade: {
    run: upgradeVerb,
    description: 'Upgrade, or go on with an upgrade, from wherever the cluster is.',
    needsConfig: true,
    changes: true,
  },
  rollback: {
    run: rollbackVerb,
    description: 'Take an upgrade back: the tag at once, then everything that runs the new revision.',
    needsConfig: false,
    changes: true,
  },
  status: {
    run: statusVerb,
    description: 'Say how far an upgrade is, from the cluster alone; writes nothing.',
    needsConfig: false,
    changes: false,
  },
  finalize: {
    run: finalizeVerb,
    description: 'After a run that was cancelled or died: hold, or go back if the config says so.',
    needsConfig: false,
    changes: true,
  },
};
