import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { RunLine } from './run-line.ts';

/** @returns every run that was recorded, oldest first; empty when the file does not exist yet */
export const readRecord = (file: string): readonly RunLine[] =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RunLine[]) : [];

/** A line for each run, so that a change of the file shows the runs that it adds. */
export function writeRecord(file: string, runs: readonly RunLine[]): void {
  writeFileSync(file, `[\n${runs.map((run) => `  ${JSON.stringify(run)}`).join(',\n')}\n]\n`);
}
