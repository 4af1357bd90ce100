import type { Meaning } from './code.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { type Marks, marksFor } from './marks.ts';
import type { Plan, Wave } from './plan.ts';
import type { Policy } from './policy.ts';

/** What a run knows that cannot be read from the cluster. Bounded: it grows with waves, never with time or pods. */
export interface Journal {
  schema: 1;
  runId: string;
  /** The run that wrote last: of an upgrade that was resumed, another than the one that began it. Set by the store. */
  writer?: string;
  /** Of the lock under which it was written: no holder before can write over it. */
  epoch: number;
  state: JournalState;
  /** The plan of the upgrade; that of a rollback is derived from it. */
  plan: Plan;
  planHash: string;
  /** What its config says about failures, for a finalize without that config. Absent in journals of release 0.1.0. */
  on?: Policy;
  /** The tag's objects as they were, so that it can be put back without istioctl. */
  originals: readonly KubernetesObject[];
  marks: Marks;
  /** The effect that was about to be made when this was written. */
  intent?: { effect: string; at: number };
  /** Why it stands still. */
  held?: { code: string; message: string; next?: Meaning['next']; at: number };
  /** One line for each of the last ten runs that ended. */
  history: readonly string[];
}

/** `waiting`: everything up to `--through` is done, and the next run goes on. */
export const journalStates = ['running', 'waiting', 'held', 'rolling-back', 'rolled-back', 'completed'] as const;

export type JournalState = (typeof journalStates)[number];

export const isFinished = ({ state }: Journal): boolean => state === 'completed' || state === 'rolled-back';

/** On every object that this tool makes for itself: journals and locks. */
export const ourLabels = { 'app.kubernetes.io/managed-by': 'istio-canary-upgrade' } as const;

export const ourSelector = Object.entries(ourLabels)
  .map(([name, value]) => `${name}=${value}`)
  .join(',');

export const journalName = (tag: string): string => `istio-canary-upgrade-${tag}`;

/** `not begun`, `restarting`, `baking`, or the verdict. */
export function waveState({ marks }: Pick<Journal, 'marks'>, wave: Wave): string {
  const { verdict, readyAt, startedAt } = marksFor(marks, wave);
  if (verdict !== undefined) return verdict.verdict;
  if (readyAt !== undefined) return 'baking';
  return startedAt === undefined ? 'not begun' : 'restarting';
}
