import type { Holder } from './holder.ts';
import type { Journal } from './journal.ts';

import type { RunRequest } from './run-request.ts';

/** The verb that leads on while a run holds. */
type NextVerb = 'upgrade' | 'upgrade --rejudge' | 'rollback';

/** How far an upgrade is, from the cluster alone. */
export interface Status {
  tag: { name: string; revision: string | undefined };
  controlPlanes: readonly { revision: string; version: string | undefined; ready: number; desired: number }[];
  /** Live mesh pods by namespace and revision. */
  pods: Readonly<Record<string, Readonly<Record<string, number>>>>;
  run:
    | {
        id: string;
        state: string;
        from: string;
        to: string;
        /** Whether it leads to an older release. */
        isDowngrade?: true;
        held?: Journal['held'];
        /** The verb that leads on while it holds. */
        whenHeld: NextVerb;
        /** Of a wave that moves or bakes now: how far it is. */
        waves: readonly { name: string; verdict: string; progress?: string }[];
        /** Namespaces that have the new revision by a label of this upgrade; left out if there is none. */
        labelled?: readonly string[];
        /** Of a rollback that is under way. */
        progress?: string;
      }
    | undefined;
  /** Who writes now, or died while writing. */
  lock: Holder | undefined;
  /** What a person asked of the run that has the lock, and it has not done yet, or does: a pause lasts. */
  asked?: RunRequest | undefined;
  history: readonly string[];
}
