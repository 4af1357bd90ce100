import { constants } from 'node:os';
import { execa } from 'execa';
import type { UpgradeError } from '../model/upgrade-error.ts';
import { IstioctlMissing } from './istioctl-errors.ts';

/** Starts one program, each time with other arguments. */
export interface ProcessRunner {
  run(args: readonly string[], options: RunOptions): Promise<ProcessResult>;
}

interface RunOptions {
  timeoutMs: number;
  /** What the program reads from its standard input; nothing when left out. */
  stdin?: string;
  /** Over the environment that every call has. */
  env?: Readonly<Record<string, string>>;
}

export interface ProcessResult {
  /** As in a shell: 128 plus the number of the signal when a signal ended the program. */
  exitCode: number;
  stdout: string;
  stderr: string;
  /** It was killed for its deadline; then the exit code says nothing. */
  timedOut: boolean;
}

export interface ProcessRunnerOptions {
  /** A path, or a name on the PATH of `env`. */
  binary: string;
  /** The whole environment of the program. */
  env: Readonly<Record<string, string | undefined>>;
  /** Kills the running program. Only for the end of the process: it interrupts a write. */
  signal?: AbortSignal;
  /** In which the program starts; that of this process when left out. */
  folder?: string;
  /** The error when the program cannot be started. */
  missing?: (cause: unknown, binary: string, reason: string) => UpgradeError;
}

/** The time between SIGTERM and SIGKILL. */
const GRACE_MS = 2_000;

/** @throws UpgradeError ISTIOCTL_MISSING, or `missing`, when the program cannot be started; the signal's reason when it was aborted */
export function createProcessRunner({
  binary,
  env,
  signal,
  folder,
  missing = IstioctlMissing.because,
}: ProcessRunnerOptions): ProcessRunner {
  return {
    run: async (args, { timeoutMs, stdin, env: own }) => {
      const subprocess = execa(binary, args, {
        env: { ...definedOnly(env), ...own },
        extendEnv: false,
        ...(folder === undefined ? {} : { cwd: folder }),
        ...(stdin === undefined ? { stdin: 'ignore' as const } : { input: stdin }),
        reject: false,
        timeout: timeoutMs,
        forceKillAfterDelay: GRACE_MS,
        // A separate process group: Ctrl-C on the terminal reaches us only, and we decide whether to wait; and a deadline
        // ends the credential plugins that it started too.
        killDescendants: true,
        ...(signal === undefined ? {} : { cancelSignal: signal }),
      });
      const result = await subprocess;
      if (result.timedOut || result.isCanceled) subprocess.kill('SIGKILL');
      if (result.isCanceled) signal?.throwIfAborted();
      const { exitCode, signal: endedBy, stdout, stderr, timedOut } = result;
      if (exitCode === undefined && endedBy === undefined) {
        throw missing(result.cause ?? result, binary, reasonOf(result.code));
      }
      return { exitCode: exitCode ?? 128 + signalNumber(endedBy), stdout, stderr, timedOut };
    },
  };
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function signalNumber(name: NodeJS.Signals | undefined): number {
  return name === undefined ? 0 : constants.signals[name];
}

function reasonOf(code: string | undefined): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such program';
    case 'EACCES':
      return 'it may not be executed';
    default:
      return code ?? 'the system gives no reason';
  }
}
