import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** GitHub drops a longer summary as a whole. */
const summaryMaxBytes = 1024 * 1024;

const names = {
  GITHUB_PATH: 'path',
  GITHUB_ENV: 'env',
  GITHUB_STEP_SUMMARY: 'step_summary',
  GITHUB_STATE: 'state',
  GITHUB_OUTPUT: 'output',
} as const;

export interface FileCommands {
  outputs: Record<string, string>;
  env: Record<string, string>;
  /** In the order of the file; the last comes first in PATH. */
  path: readonly string[];
  summary: string;
  /** Errors that the step's log shows. */
  errors: readonly string[];
  /** A file that cannot be read fails the step, although its process succeeded. */
  failsStep: boolean;
}

/**
 * The files by which a step talks to the runner: fresh ones for each step.
 * @see https://github.com/actions/runner/blob/258d6c857db3519913f7deb6004b60172f8043ae/src/Runner.Worker/FileCommandManager.cs
 */
export class CommandFiles {
  /** By the variable that names it. */
  readonly env: Readonly<Record<string, string>>;
  readonly #folder: string;

  constructor(temp: string, step: number) {
    this.#folder = join(temp, '_runner_file_commands', String(step));
    mkdirSync(this.#folder, { recursive: true });
    this.env = Object.fromEntries(Object.entries(names).map(([variable, name]) => [variable, this.#file(name)]));
    for (const file of Object.values(this.env)) writeFileSync(file, '');
  }

  /** Reads them all, however the step ended, also after a cancel. */
  read(): FileCommands {
    const read = { outputs: {}, env: {}, path: [] as string[], summary: '', errors: [] as string[], failsStep: false };
    const process = (name: string, take: (text: string) => void) => {
      try {
        take(this.#text(name));
      } catch (failure) {
        read.errors.push(`Unable to process file command '${name}' successfully.`, (failure as Error).message);
        read.failsStep = true;
      }
    };
    process('path', (text) => read.path.push(...text.split(/\r\n|\r|\n/).filter((line) => line !== '')));
    process('env', (text) => takePairs(text, read.env, refusedVariable(read.errors)));
    process('step_summary', (text) => {
      const kibibytes = Math.floor(Buffer.byteLength(text) / 1024);
      if (Buffer.byteLength(text) <= summaryMaxBytes) read.summary = text;
      else
        read.errors.push(
          `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got ${kibibytes}k.`,
        );
    });
    process('state', (text) => takePairs(text, {}));
    process('output', (text) => takePairs(text, read.outputs));
    return read;
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  /** A step may have removed it. */
  #text(name: string): string {
    try {
      return readFileSync(this.#file(name), 'utf8').replace(/^\uFEFF/, '');
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw failure;
    }
  }
}

/** What stands before a bad line counts. */
function takePairs(
  text: string,
  into: Record<string, string>,
  isRefused: (name: string) => boolean = () => false,
): void {
  for (const [name, value] of readPairs(text)) {
    if (name === '') throw new Error('The name of a value must not be empty.');
    if (!isRefused(name)) into[name] = value;
  }
}

/** It could make every Node of the job load code. */
const refusedVariable = (errors: string[]) => (name: string) => {
  const isRefused = name.toUpperCase() === 'NODE_OPTIONS';
  if (isRefused) errors.push("Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.");
  return isRefused;
};

/**
 * `name=value`, and `name<<DELIMITER` with lines up to the delimiter. Only \n ends a line: a \r belongs to the value.
 * @throws Error for a line that is neither, and for a delimiter that never comes
 */
export function* readPairs(text: string): Generator<[name: string, value: string]> {
  // What follows the last \n is a line only if it is not empty.
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const isEnded = text.endsWith('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      yield [line.slice(0, equals), line.slice(equals + 1)];
      continue;
    }
    if (heredoc < 0) throw new Error(`Invalid format '${line}'`);
    const delimiter = line.slice(heredoc + 2);
    if (heredoc === 0 || delimiter === '')
      throw new Error(`Invalid format '${line}'. Name must not be empty and delimiter must not be empty`);
    const end = lines.indexOf(delimiter, at + 1);
    if (end < 0)
      throw new Error(
        isEnded || at === lines.length - 1
          ? `Invalid value. Matching delimiter not found '${delimiter}'`
          : 'Invalid value. EOF marker missing new line.',
      );
    yield [line.slice(0, heredoc), lines.slice(at + 1, end).join('\n')];
    at = end;
  }
}
