import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { LookCost } from './looks/measure-looks.ts';
import type { Measurement } from './measure.ts';
import type { Weight } from './memory.ts';
import type { LabMeasurement } from './size/measure-size.ts';

export type Measured = Measurement & { /** Of the whole process, simulator and all. */ peakBytes: number };

/** Everything that docs/performance.md shows. A part that was not measured again is shown as it was measured last. */
export interface Results {
  machine: string;
  runs: readonly Measured[];
  weights: readonly (Weight & { pods: number })[];
  /** One wave of so many pods, watched. */
  looks?: { machine: string; pods: number; costs: readonly LookCost[] };
  /** One mesh on a real API server, and the same on the simulator. */
  size?: { machine: string; lab: LabMeasurement; simulator: Measured };
}

export function readResults(file: string): Results {
  if (!existsSync(file)) return { machine: '', runs: [], weights: [] };
  return JSON.parse(readFileSync(file, 'utf8')) as Results;
}

export function writeResults(file: string, results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

/** New rows take the place of those of the same contender and size. */
export function merged(results: Results, news: Partial<Results>): Results {
  const idOf = ({ contender, namespaces }: Measured) => `${contender} ${namespaces}`;
  const runs = new Map([...results.runs, ...(news.runs ?? [])].map((run) => [idOf(run), run]));
  return {
    machine: news.machine ?? results.machine,
    runs: [...runs.values()].sort(
      (a, b) => a.namespaces - b.namespaces || order.indexOf(a.contender) - order.indexOf(b.contender),
    ),
    weights: news.weights ?? results.weights,
    ...((news.looks ?? results.looks) && { looks: news.looks ?? results.looks }),
    ...((news.size ?? results.size) && { size: news.size ?? results.size }),
  };
}

const order = ['ours', 'parallel'];
