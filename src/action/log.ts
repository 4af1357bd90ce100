import type * as core from '@actions/core';
import { neutralise, oneEntry } from '../report/neutralise.ts';
import { hideSecrets } from '../secrecy/hide-secrets.ts';

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

/**
 * GitHub shows ten of each level for a whole composite action, all of its steps together, and drops the rest silently
 * (actions/runner: ExecutionContext.cs). Of errors it makes one itself for every step that fails.
 */
export const annotationsOf = { istioctl: 7, run: 7, finalize: 1 } as const;
/** The runner cuts a message at 4,096 characters. */
const messageMax = 4_000;

/** The log of a step: lines, groups, annotations. All output goes through here and is made harmless. */
export class Log {
  readonly #commands: Commands;
  readonly #annotated: Record<Level, number> = { error: 0, warning: 0, notice: 0 };
  readonly #most: number;
  #grouped = false;

  /** @param most annotations of a level; the last of them is reserved for the result of the step */
  constructor(commands: Commands, most: number) {
    this.#commands = commands;
    this.#most = most;
  }

  line(text: string): void {
    this.#commands.info(shown(text));
  }

  /** Only with RUNNER_DEBUG. */
  debug(text: () => string): void {
    if (this.#commands.isDebug()) this.#commands.debug(shown(text()));
  }

  /** Begins a group and ends the one before; the runner does not nest groups. */
  group(title: string): void {
    this.endGroup();
    this.#commands.startGroup(oneLine(title));
    this.#grouped = true;
  }

  endGroup(): void {
    if (this.#grouped) this.#commands.endGroup();
    this.#grouped = false;
  }

  /** Annotations beyond the limit become plain lines, and the last one within it says so. */
  annotate(level: Level, title: string, text: string, place?: Place): void {
    const message = setApart(text);
    this.#annotated[level] += 1;
    const left = this.#most - 1 - this.#annotated[level];
    if (left >= 0)
      this.#emit(level, title, left > 0 ? message : `${message}\nFurther annotations are in the log only.`, place);
    else this.line(`${title}: ${message}`);
  }

  /** The result of the step; one annotation is reserved for it. */
  conclude(level: Level, title: string, message: string): void {
    this.#emit(level, title, setApart(message));
  }

  #emit(level: Level, title: string, message: string, place?: Place): void {
    this.endGroup();
    this.#commands[level](shown(message).slice(0, messageMax).toWellFormed(), { title: oneLine(title), ...place });
  }
}

const shown = (text: string): string => neutralise(hideSecrets(text));
/** The log also shows the message of an annotation, one line of output for each of its lines. */
const setApart = (text: string): string => oneEntry(hideSecrets(text));
const oneLine = (text: string): string => shown(text).replaceAll('\n', ' ');
