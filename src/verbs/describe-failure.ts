import { inspect } from 'node:util';
import { nameFailure } from '../kubernetes/name-failure.ts';
import { failureCodes, outcomes } from '../model/outcome.ts';
import { defineError, type FailureKind, UpgradeError } from '../model/upgrade-error.ts';

/** Anything thrown, as both entry points report it. */
export interface Failure {
  exitCode: number;
  /** A key of the exit codes: what the run came to. */
  kind: FailureKind;
  code: string;
  title: string;
  message: string;
  hint: string;
  state: string;
  actor: string;
  /** The address of its section in docs/errors.md. */
  docs: string;
  /** Of an unexpected error. */
  trace?: string;
  error: unknown;
}

export const Internal = defineError({
  code: 'INTERNAL',
  title: 'The tool itself failed.',
  cause: 'The tool met a case that it does not handle.',
  message: (text: string) => text,
  hint: 'Please report this bug, with the trace.',
  actor: 'maintainer',
  state:
    'Unknown: look at `istio-canary-upgrade status`. The state of the run is in the cluster, so you can run again.',
  exit: 'internal',
  blames: 'surroundings',
});

/** Everything that can be thrown, an Error or not, with its exit code. */
export function describeFailure(thrown: unknown): Failure {
  const error = nameFailure(thrown);
  const known = error instanceof UpgradeError ? error : Internal.because(error, textOf(error));
  const { code, title, message, hint, state, actor, docs, exit: kind } = known;
  const exitCode = kind === 'blocked' || kind === 'held' ? outcomes[kind].exitCode : failureCodes[kind].exitCode;
  const described = { exitCode, kind, code, title, message, hint, state, actor, docs, error };
  if (known === error) return described;
  return { ...described, trace: error instanceof Error ? (error.stack ?? error.message) : textOf(error) };
}

/** Anything can be thrown, also what cannot be made a string. */
const textOf = (thrown: unknown): string =>
  thrown instanceof Error || typeof thrown === 'string' ? String(thrown) : inspect(thrown);
