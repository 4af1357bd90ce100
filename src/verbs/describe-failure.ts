import { inspect } from 'node:util';
import { exitCodes, failureCodes } from '../model/outcome.ts';
import { UpgradeError } from '../model/upgrade-error.ts';
import { nameFailure } from './name-failure.ts';

/** Anything thrown, as both doors report it. */
export interface Failure {
  exitCode: number;
  /** A key of the exit codes: what the run came to. */
  kind: 'internal' | 'usage' | 'unreachable' | 'blocked' | 'held';
  code: string;
  title: string;
  message: string;
  hint: string;
  state: string;
  actor: string;
  /** Of what nobody foresaw. */
  trace?: string;
  error: unknown;
}

/** Failures after which nobody knows how the cluster is. */
const unknownState =
  /^(CLUSTER_UN|CLUSTER_CREDENTIALS|CLUSTER_ANSWER|CLUSTER_FORBIDDEN|CLUSTER_REFUSED|CLUSTER_OUTCOME|PROMETHEUS_UN|ISTIOCTL_TIMEOUT|ISTIOCTL_FAILED|ISTIOCTL_UNREADABLE)/;
/** The engine refuses before it touches anything. */
const refusals = new Set([
  'OTHER_UPGRADE_UNFINISHED',
  'CLUSTER_DIFFERS',
  'PLAN_CHANGED',
  'NO_UPGRADE_TO_ROLL_BACK',
  'TOO_LATE_TO_ROLL_BACK',
  'NOTHING_TO_REMOVE',
  'JOURNAL_UNREADABLE',
  'ISTIOCTL_TOO_OLD',
  'RBAC_MISSING',
  'LOCK_HELD',
  'LOCK_HOLDER_DIFFERS',
]);

/** Everything that can be thrown, an Error or not, with its exit code. */
export function describeFailure(thrown: unknown): Failure {
  const error = nameFailure(thrown);
  const kind = kindOf(error);
  const exitCode = kind === 'blocked' || kind === 'held' ? exitCodes[kind].code : failureCodes[kind].code;
  if (error instanceof UpgradeError) {
    const { code, title, message, hint, state, actor } = error;
    return { exitCode, kind, code, title, message, hint, state, actor, error };
  }
  return {
    exitCode,
    kind,
    code: 'INTERNAL',
    title: 'This is a fault of the tool.',
    message: textOf(error),
    hint: 'Please report it, with the trace.',
    state: 'Unknown; look at `istio-canary-upgrade status`. What the tool knows is in the cluster: run again.',
    actor: 'maintainer',
    trace: error instanceof Error ? (error.stack ?? error.message) : textOf(error),
    error,
  };
}

/** Anything can be thrown, also what cannot be made a string. */
const textOf = (thrown: unknown): string =>
  thrown instanceof Error || typeof thrown === 'string' ? String(thrown) : inspect(thrown);

function kindOf(error: unknown): Failure['kind'] {
  if (!(error instanceof UpgradeError)) return 'internal';
  if (error.code === 'JOURNAL_CONFLICT' || error.code === 'LOCK_LOST') return 'held';
  if (refusals.has(error.code)) return 'blocked';
  return unknownState.test(error.code) ? 'unreachable' : 'usage';
}
