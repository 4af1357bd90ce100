import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** GitHub drops a longer summary as a whole (actions/runner: FileCommandManager.cs). */
export const summaryMaxBytes = 1024 * 1024;

const names = {
  GITHUB_OUTPUT: 'output',
  GITHUB_ENV: 'env',
  GITHUB_STATE: 'state',
  GITHUB_PATH: 'path',
  GITHUB_STEP_SUMMARY: 'summary',
} as const;

export interface FileCommands {
  outputs: Record<string, string>;
  env: Record<string, string>;
  path: readonly string[];
  summary: string;
  complaints: readonly string[];
}

/** The files by which a step talks to the runner: fresh ones for each step. */
export class CommandFiles {
  readonly env: Readonly<Record<string, string>>;
  readonly #folder: string;

  constructor(temp: string, step: number) {
    this.#folder = join(temp, '_runner_file_commands', String(step));
    mkdirSync(this.#folder, { recursive: true });
    this.env = Object.fromEntries(Object.entries(names).map(([variable, name]) => [variable, this.#file(name)]));
    for (const file of Object.values(this.env)) writeFileSync(file, '');
  }

  /** Reads them all, however the step ended. */
  read(): FileCommands {
    const complaints: string[] = [];
    const pairs = (name: string) => {
      try {
        return readPairs(this.#text(name));
      } catch (failure) {
        complaints.push(`Unable to process file command '${name}' successfully: ${(failure as Error).message}`);
        return {};
      }
    };
    const env = pairs('env');
    if ('NODE_OPTIONS' in env)
      complaints.push("Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.");
    const { NODE_OPTIONS: _refused, ...rest } = env;
    const summary = this.#text('summary');
    const size = Buffer.byteLength(summary);
    if (size > summaryMaxBytes)
      complaints.push(
        `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got ${Math.ceil(size / 1024)}k.`,
      );
    return {
      outputs: pairs('output'),
      env: rest,
      path: this.#text('path')
        .split('\n')
        .filter((line) => line !== ''),
      summary: size > summaryMaxBytes ? '' : summary,
      complaints,
    };
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  #text(name: string): string {
    return readFileSync(this.#file(name), 'utf8');
  }
}

/**
 * `name=value`, and `name<<DELIMITER` with lines up to the delimiter.
 * @throws Error for a line that is neither, and for a delimiter that never comes
 */
export function readPairs(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/);
  const pairs: Record<string, string> = {};
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      pairs[line.slice(0, equals)] = line.slice(equals + 1);
      continue;
    }
    if (heredoc <= 0) throw new Error(`Invalid format '${line}'`);
    const delimiter = line.slice(heredoc + 2);
    const end = lines.indexOf(delimiter, at + 1);
    if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`);
    pairs[line.slice(0, heredoc)] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return pairs;
}
