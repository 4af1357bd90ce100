import type * as core from '@actions/core';
import { neutralise } from './neutralise.ts';

export type Commands = Pick<
  typeof core,
  'info' | 'debug' | 'error' | 'warning' | 'notice' | 'startGroup' | 'endGroup' | 'isDebug'
>;

export type Level = 'error' | 'warning' | 'notice';

export interface Place {
  file: string;
  startLine: number;
  startColumn: number;
}

/** GitHub shows ten of each level for a step and drops the rest without a word. */
const annotationsMax = 10;
/** The runner cuts a message at 4,096 characters. */
const messageMax = 4_000;

/** The log of a step: lines, groups, annotations. Everything that is printed goes through here and is harmless afterwards. */
export class Log {
  readonly #commands: Commands;
  readonly #annotated: Record<Level, number> = { error: 0, warning: 0, notice: 0 };
  #grouped = false;

  constructor(commands: Commands) {
    this.#commands = commands;
  }

  line(text: string): void {
    this.#commands.info(neutralise(text));
  }

  /** Only with RUNNER_DEBUG. */
  debug(text: () => string): void {
    if (this.#commands.isDebug()) this.#commands.debug(neutralise(text()));
  }

  /** Begins a group and ends the one before; the runner knows no nesting. */
  group(title: string): void {
    this.endGroup();
    this.#commands.startGroup(neutralise(title));
    this.#grouped = true;
  }

  endGroup(): void {
    if (this.#grouped) this.#commands.endGroup();
    this.#grouped = false;
  }

  /** The tenth of a level says that there are more, and the rest are plain lines. */
  annotate(level: Level, title: string, message: string, place?: Place): void {
    this.endGroup();
    this.#annotated[level] += 1;
    const count = this.#annotated[level];
    if (count > annotationsMax) {
      this.line(`${title}: ${message}`);
      return;
    }
    const more = count === annotationsMax ? '\nFurther ones stand in the log and in the summary only.' : '';
    this.#commands[level](`${neutralise(message).slice(0, messageMax)}${more}`, { title: neutralise(title), ...place });
  }
}
