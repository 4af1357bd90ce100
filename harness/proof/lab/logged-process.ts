import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

export interface LoggedProcess {
  name: string;
  /** Resolves, never rejects, with a sentence about how it ended. */
  ended: Promise<string>;
  /** undefined while it runs. */
  ending(): string | undefined;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

export interface ProcessStart {
  name: string;
  file: string;
  args: readonly string[];
  /** Folder in which `<name>.log` is appended to. */
  logs: string;
  cwd?: string;
  /** All of its environment. */
  env?: NodeJS.ProcessEnv;
}

/** Starts a process whose output goes to its log file. */
export function startLogged(start: ProcessStart): LoggedProcess {
  const child = spawnLogged(start, 'ignore');
  let ending: string | undefined;
  const ended = new Promise<string>((resolve) => {
    const end = (how: string) => {
      ending ??= `${start.name} ended: ${how}`;
      resolve(ending);
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
  });
  return {
    name: start.name,
    ended,
    ending: () => ending,
    kill: (signal) => void child.kill(signal),
    stop: async (graceMs) => {
      child.kill('SIGTERM');
      // A stopped (SIGSTOP) process would never see the SIGTERM.
      child.kill('SIGCONT');
      const overdue = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(overdue);
    },
  };
}

/** Its output goes straight to the file, so that it survives us. */
export function spawnLogged(
  { name, file, args, logs, cwd, env = {} }: ProcessStart,
  stdin: 'pipe' | 'ignore',
  options: { detached?: boolean } = {},
): ChildProcess {
  const log = openSync(join(logs, `${name}.log`), 'a');
  try {
    return spawn(file, args, { stdio: [stdin, log, log], env, ...(cwd !== undefined && { cwd }), ...options });
  } finally {
    closeSync(log);
  }
}
