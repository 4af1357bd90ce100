import type { Holder } from './holder.ts';
import type { Journal } from './journal.ts';

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
        waves: readonly { name: string; verdict: string }[];
      }
    | undefined;
  /** Who writes now, or died while writing. */
  lock: Holder | undefined;
  history: readonly string[];
}
