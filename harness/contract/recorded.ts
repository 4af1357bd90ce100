import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Observation } from './observation.ts';

const file = join(import.meta.dirname, 'recorded.json');

/** What the real API server, controllers and kwok of the lab answered, by the title of the case. */
export function readRecorded(): ReadonlyMap<string, Observation> {
  return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Observation>));
}

export function writeRecorded(observations: ReadonlyMap<string, Observation>): void {
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(observations), null, 2)}\n`);
}
