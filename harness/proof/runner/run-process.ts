import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/**
 * How the runner ends a process, in milliseconds.
 * @see https://github.com/actions/runner/blob/258d6c857db3519913f7deb6004b60172f8043ae/src/Runner.Sdk/ProcessInvoker.cs
 */
const interruptMs = 7_500;
const terminateMs = 2_500;
/** It waits this long for streams that a child of the ended process still holds. */
const streamsMs = 5_000;

export interface ProcessOptions {
  file: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  onLine: (line: string) => void;
  /** The step is cancelled. */
  cancel: AbortSignal;
  /** Of all waits. */
  factor: number;
}

/**
 * Runs the entry process of a step. A cancel reaches that process alone, never its children: SIGINT, 7.5 s later SIGTERM,
 * 2.5 s later SIGKILL.
 * @throws Error when it cannot be started
 * @returns its exit code; 128 and the number of the signal that ended it, as a shell would say
 */
export async function runProcess({ file, args, cwd, env, onLine, cancel, factor }: ProcessOptions): Promise<number> {
  // In a session of its own: Ctrl-C in a terminal is for us, and reaches it as a cancel does.
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let isListening = true;
  const listen = (line: string) => {
    if (isListening) onLine(line);
  };
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number, action: () => void) => timers.push(setTimeout(action, ms * factor));
  const onCancel = () => {
    child.kill('SIGINT');
    after(interruptMs, () => child.kill('SIGTERM'));
    after(interruptMs + terminateMs, () => child.kill('SIGKILL'));
  };
  const streams = Promise.all([readLines(child.stdout, listen), readLines(child.stderr, listen)]);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => {
        const exitCode = code ?? 128 + (signal === 'SIGKILL' ? 9 : signal === 'SIGTERM' ? 15 : 2);
        after(streamsMs, () => resolve(exitCode));
        void streams.then(() => resolve(exitCode));
      });
      if (cancel.aborted) onCancel();
      else cancel.addEventListener('abort', onCancel, { once: true });
    });
  } finally {
    cancel.removeEventListener('abort', onCancel);
    for (const timer of timers) clearTimeout(timer);
    // A child of the ended process may hold the streams for ever. It may write on: that is not read, and must not make it fail.
    isListening = false;
    for (const stream of [child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
  }
}

/** A line ends with \n, \r\n or \r. */
async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  await new Promise<void>((resolve) => stream.once('close', resolve));
  if (rest !== '') onLine(rest.replace(/\r$/, ''));
}
