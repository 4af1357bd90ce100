import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { matrix, type Row } from './matrix.ts';

/** How a row went when it was run last. */
export interface Result extends Row {
  /** `2026-11-28` */
  date: string;
  /** Why it failed: a code of the run and the first expectation that does not hold, or what refused to begin. */
  failed?: string;
  durationMs: number;
  /** On kind: Istio's own, or those that `npm run containers` builds. */
  images?: 'registry' | 'built';
}

/** Everything that docs/compatibility.md shows; a row that was not run again stays as it was. */
export function readRecord(file: string): readonly Result[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result[]) : [];
}

export function writeRecord(file: string, results: readonly Result[]): void {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

/** New results take the place of those of the same row; what is no row of the matrix any more goes. */
export function merged(results: readonly Result[], news: readonly Result[]): readonly Result[] {
  const byRow = new Map([...results, ...news].map((result) => [rowId(result), result]));
  return matrix.flatMap((row) => byRow.get(rowId(row)) ?? []);
}

export const rowId = ({ backend, kubernetes, hop, scenario }: Row): string =>
  [backend, kubernetes, hop, scenario].join(' ');
