import { IstioctlFailed, IstioctlTimeout, IstioctlUnreadable } from './istioctl-errors.ts';
import { lastWords } from './last-words.ts';
import { parseProblem } from './parse-problem.ts';
import type { ProcessResult, ProcessRunner } from './process-runner.ts';

export interface IstioctlOptions {
  /** Left out: istioctl uses `KUBECONFIG` or the home folder. */
  kubeconfig?: string;
  context?: string;
  istioNamespace: string;
  timeouts?: Partial<IstioctlTimeouts>;
}

/** How long one call may take. `install` gets its own on top of the readiness timeout. */
export interface IstioctlTimeouts {
  localMs: number;
  readMs: number;
  analyzeMs: number;
  writeMs: number;
}

export interface Asked extends ProcessResult {
  /** The command as typed in a shell, without the options that every call has. */
  command: string;
}

/** Generous: a call that takes longer hangs, which unreachable clusters and missing rights make istioctl do. */
const TIMEOUTS: IstioctlTimeouts = { localMs: 60_000, readMs: 90_000, analyzeMs: 300_000, writeMs: 180_000 };

/** Log lines would otherwise stand on stdout, before the JSON. */
const quiet = ['--log_target', 'stderr'];

/** Calls of one istioctl against one cluster. */
export class IstioctlCalls {
  readonly istioNamespace: string;
  readonly timeouts: IstioctlTimeouts;
  readonly #runner: ProcessRunner;
  readonly #cluster: readonly string[];

  constructor(runner: ProcessRunner, { kubeconfig, context, istioNamespace, timeouts }: IstioctlOptions) {
    this.#runner = runner;
    this.istioNamespace = istioNamespace;
    this.timeouts = { ...TIMEOUTS, ...timeouts };
    this.#cluster = [
      ...quiet,
      ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
      ...(context === undefined ? [] : ['--context', context]),
      '--istioNamespace',
      istioNamespace,
    ];
  }

  /** Runs to the end, whatever the exit code. @throws ISTIOCTL_TIMEOUT */
  async ask(args: readonly string[], timeoutMs: number, stdin?: string): Promise<Asked> {
    return await this.#run(args, this.#cluster, timeoutMs, stdin === undefined ? {} : { stdin });
  }

  /** @throws ISTIOCTL_TIMEOUT, ISTIOCTL_FAILED */
  async succeed(args: readonly string[], timeoutMs: number, stdin?: string): Promise<Asked> {
    return succeeded(await this.ask(args, timeoutMs, stdin));
  }

  /** Without a cluster. @throws ISTIOCTL_TIMEOUT, ISTIOCTL_FAILED */
  async succeedLocally(
    args: readonly string[],
    input: { stdin?: string; env?: Record<string, string> } = {},
  ): Promise<Asked> {
    return succeeded(await this.#run(args, quiet, this.timeouts.localMs, input));
  }

  async #run(
    args: readonly string[],
    common: readonly string[],
    timeoutMs: number,
    input: { stdin?: string; env?: Record<string, string> } = {},
  ): Promise<Asked> {
    const result = await this.#runner.run([...args, ...common], { timeoutMs, ...input });
    const command = commandText(args);
    if (result.timedOut) throw IstioctlTimeout.of(command, timeoutMs, lastWords(result));
    return { ...result, command };
  }
}

/** @throws ISTIOCTL_UNREADABLE when `parse` does not accept what it printed */
export function read<Result>(asked: Asked, parse: (stdout: string) => Result): Result {
  try {
    return parse(asked.stdout);
  } catch (thrown) {
    throw unreadable(asked, parseProblem(thrown), thrown);
  }
}

export function unreadable({ command, stdout }: Asked, problem: string, cause?: unknown) {
  return IstioctlUnreadable.because(cause, command, problem, stdout.trimStart().slice(0, 200));
}

export function failure(asked: Asked) {
  const { command, exitCode } = asked;
  return IstioctlFailed.of(command, `exit code ${exitCode}`, lastWords(asked));
}

function succeeded(asked: Asked): Asked {
  if (asked.exitCode !== 0) throw failure(asked);
  return asked;
}

function commandText(args: readonly string[]): string {
  return ['istioctl', ...args].map((part) => (/^[\w@%+=:,./*-]+$/.test(part) ? part : `'${part}'`)).join(' ');
}
