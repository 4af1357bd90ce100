import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { RunLine } from './run-line.ts';

/** @returns every run that was recorded, oldest first; empty when the file does not exist yet */
export const readRecord = (file: string): readonly RunLine[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as RunLine)
    : [];

/** One line for each run, so that what two computers measured can be put together. */
export const addToRecord = (file: string, run: RunLine): void => appendFileSync(file, `${JSON.stringify(run)}\n`);
