import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Observation } from './observation.ts';

/** Each has a record of its own: `api` is Kubernetes, `istio` what istioctl and istiod do in it. */
export type Suite = 'api' | 'istio';

const Files: Readonly<Record<Suite, string>> = { api: 'recorded.json', istio: 'recorded-istio.json' };
const fileOf = (suite: Suite) => join(import.meta.dirname, Files[suite]);

/** What the real API server, controllers, kwok, istiods and istioctls of the lab answered, by the title of the case. */
export function readRecorded(suite: Suite = 'api'): ReadonlyMap<string, Observation> {
  return new Map(Object.entries(JSON.parse(readFileSync(fileOf(suite), 'utf8')) as Record<string, Observation>));
}

export function writeRecorded(observations: ReadonlyMap<string, Observation>, suite: Suite = 'api'): void {
  writeFileSync(fileOf(suite), `${JSON.stringify(Object.fromEntries(observations), null, 2)}\n`);
}
