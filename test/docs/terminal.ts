import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** Reads commands from descriptor 3, so that they have a stdin of their own; keys reach what it runs and not itself. */
const shell = `
trap : INT QUIT
shopt -s expand_aliases
exec 2>&1
status=0
while IFS= read -r -u 3 line; do
  (exit "$status")
  eval "$line" 3<&-
  status=$?
  printf '\\n%s %s\\n' "$MARK" "$status"
done
`;

/** Starts a program, as node's `spawn` does; elsewhere, it may be. */
export type Start = (file: string, args: readonly string[], options: SpawnOptions) => ChildProcess;

/** A shell as a person has one: aliases, variables and `$?` last from one command to the next. */
export class Terminal {
  readonly #shell: ChildProcess;
  readonly #mark = randomUUID();
  #text = '';
  #commands = 0;

  constructor({ cwd, env, start = spawn }: { cwd: string; env: Record<string, string>; start?: Start }) {
    this.#shell = start('bash', ['--noprofile', '--norc', '-c', shell], {
      cwd,
      env: { ...env, MARK: this.#mark },
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      // A group of its own, which keys go to.
      detached: true,
    });
    this.#shell.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
    });
    // A shell that has ended takes no more commands; a caller that waits for one sees this.
    this.#commandLine.on('error', (failure) => {
      this.#text += `${failure}\n`;
    });
  }

  /** Everything so far, marks left out. */
  get lines(): readonly string[] {
    return this.#text.split('\n').filter((line) => !line.startsWith(this.#mark));
  }

  /** Exit code of the last command; `undefined` while it runs, 0 before the first. */
  get status(): number | undefined {
    if (this.#commands === 0) return 0;
    const marks = this.#text.split('\n').filter((line) => line.startsWith(this.#mark));
    const [, status] = marks.length < this.#commands ? [] : (marks.at(-1)?.split(' ') ?? []);
    return status === undefined ? undefined : Number(status);
  }

  type(command: string): void {
    this.#commands += 1;
    this.#commandLine.write(`${command}\n`);
  }

  press(signal: 'SIGINT' | 'SIGQUIT'): void {
    this.#signal(signal);
  }

  /** Ends whatever still runs in it. */
  async close(): Promise<void> {
    if (this.#shell.exitCode !== null || this.#shell.signalCode !== null) return;
    const ended = once(this.#shell, 'exit');
    this.#signal('SIGKILL');
    await ended;
  }

  /** @throws Error after so many milliseconds */
  async until(isSo: () => boolean, withinMs: number, what: () => string): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!isSo()) {
      if (Date.now() > deadline) throw new Error(what());
      await sleep(20);
    }
  }

  get #commandLine(): Writable {
    return this.#shell.stdio[3] as Writable;
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#shell.pid !== undefined) process.kill(-this.#shell.pid, signal);
  }
}
