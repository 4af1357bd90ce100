import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isLike, isSame, namesThisTime } from './likeness.ts';
import { keys, type Step, yours } from './read-walk.ts';
import { type Start, Terminal } from './terminal.ts';

/** Of one command, on a machine that has a lot to do. */
const withinMs = 60_000;

export interface Surroundings {
  /** Where every terminal begins, and where files are written. */
  folder: string;
  env: Record<string, string>;
  /** Where shells are started; left out: here. */
  start?: Start;
  /** What is typed instead of a command as it stands; an empty text is not typed at all. */
  instead?: Readonly<Record<string, string>>;
}

/**
 * Does what a document says and compares what is seen with what it shows: every shown line must come, in order. Your terminal waits for
 * the end of each command; in another one a command may go on while you read on. A command that fails must be followed by `echo $?`.
 * @throws Error that names the line of the document
 */
export async function walk(steps: readonly Step[], { folder, instead = {}, ...place }: Surroundings): Promise<void> {
  const terminals = new Map<string, Walked>();
  const names = new Map<string, string>();
  try {
    for (const [index, step] of steps.entries()) {
      if (step.kind === 'write') {
        mkdirSync(dirname(join(folder, step.file)), { recursive: true });
        writeFileSync(join(folder, step.file), step.text);
        continue;
      }
      const walked = terminals.get(step.terminal) ?? new Walked(new Terminal({ cwd: folder, ...place }), names);
      terminals.set(step.terminal, walked);
      const next = steps.slice(index + 1).find((other) => other.kind !== 'write' && other.terminal === step.terminal);
      await walked.take(step, {
        instead,
        goesOn: next?.kind === 'press' || step.terminal !== yours,
        tellsStatus: next?.kind === 'type' && next.command === 'echo $?',
      });
    }
  } finally {
    await Promise.all([...terminals.values()].map(({ terminal }) => terminal.close()));
  }
}

class Walked {
  readonly terminal: Terminal;
  readonly #names: Map<string, string>;
  /** Lines before it have been compared. */
  #read = 0;
  #isAlike = isLike;
  /** Where the output of the last command begins. */
  #begin = 0;

  constructor(terminal: Terminal, names: Map<string, string>) {
    this.terminal = terminal;
    this.#names = names;
  }

  async take(
    step: Exclude<Step, { kind: 'write' }>,
    at: { instead: Readonly<Record<string, string>>; goesOn: boolean; tellsStatus: boolean },
  ): Promise<void> {
    const { terminal } = this;
    const isOver = () => terminal.status !== undefined;
    if (step.kind === 'press') terminal.press(keys[step.key]);
    else {
      await terminal.until(isOver, withinMs, () => `line ${step.line}: the command before it does not end`);
      const command = at.instead[step.command] ?? this.#asNamedNow(step.command);
      if (command === '') return;
      this.#begin = this.#read = terminal.lines.length - 1;
      terminal.type(command);
    }
    // A rehearsal on the simulator prints the same numbers every time.
    this.#isAlike =
      step.kind === 'type' && /^npm run rehearse\b(?!.*--(?:backend|inventory))/.test(step.command) ? isSame : isLike;
    const pending = [...step.shown];
    const isShown = () => {
      this.#compare(pending);
      return pending.length === 0;
    };
    const seen = () => terminal.lines.slice(this.#begin).join('\n');
    const missing = () => `line ${step.line}: has not come: ${pending[0] ?? 'its end'}\n\nseen instead:\n${seen()}`;
    const isDone = () => (at.goesOn && isShown()) || isOver();
    await terminal.until(isDone, withinMs, missing);
    if (!isShown()) throw new Error(missing());
    const { status } = terminal;
    if (!at.goesOn && status !== 0 && !at.tellsStatus)
      throw new Error(`line ${step.line}: ends with ${status}, which the document does not say\n\nseen:\n${seen()}`);
  }

  #compare(pending: string[]): void {
    const { lines } = this.terminal;
    // The last one may not be whole yet.
    for (; this.#read < lines.length - 1; this.#read += 1) {
      const [shown, real = ''] = [pending[0], lines[this.#read]];
      if (shown === undefined) return;
      if (!this.#isAlike(shown, real)) continue;
      pending.shift();
      for (const [then, now] of namesThisTime(shown, real)) this.#names.set(then, now);
    }
  }

  #asNamedNow(command: string): string {
    return [...this.#names].reduce((text, [then, now]) => text.replaceAll(then, now), command);
  }
}
