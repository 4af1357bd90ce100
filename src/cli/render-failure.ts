import { inspect } from 'node:util';
import { failureCodes } from '../engine/outcome.ts';
import { UpgradeError } from '../errors/upgrade-error.ts';
import { nameFailure } from './name-failure.ts';

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
]);

/** Everything that can be thrown, as what a person reads or a machine parses, with its exit code. */
export function renderFailure(thrown: unknown, json: boolean): { text: string; code: number } {
  const failure = nameFailure(thrown);
  const code = codeOf(failure);
  if (json)
    return {
      text: `${JSON.stringify({ error: failure instanceof UpgradeError ? failure : { code: 'INTERNAL', message: textOf(failure) }, exitCode: code }, null, 2)}\n`,
      code,
    };
  if (!(failure instanceof UpgradeError)) {
    const trace = failure instanceof Error ? (failure.stack ?? failure.message) : textOf(failure);
    return { text: `✘ INTERNAL: this is a fault of the tool; please report it.\n${trace}\n`, code };
  }
  const lines = [
    `✘ ${failure.code}: ${failure.title}`,
    `  ${failure.message.replaceAll('\n', '\n  ')}`,
    `  do: ${failure.hint}`,
    `  state: ${failure.state}`,
    `  to act: ${failure.actor}`,
  ];
  return { text: `${lines.join('\n')}\n`, code };
}

/** Anything can be thrown, also what cannot be made a string. */
const textOf = (thrown: unknown): string =>
  thrown instanceof Error || typeof thrown === 'string' ? String(thrown) : inspect(thrown);

function codeOf(failure: unknown): number {
  if (!(failure instanceof UpgradeError)) return failureCodes.internal.code;
  if (failure.code === 'JOURNAL_CONFLICT') return 4;
  if (refusals.has(failure.code)) return 3;
  return unknownState.test(failure.code) ? failureCodes.unreachable.code : failureCodes.usage.code;
}
