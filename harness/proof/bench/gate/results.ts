import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Cell } from './cell.ts';
import { cells } from './cells.ts';
import { settings } from './judge-run.ts';
import { type PeerName, peers } from './peers/peers.ts';
import type { Run, Stop } from './run-cell.ts';

/** What a gate did in all runs of a cell. */
export interface Stops {
  /** In how many runs it rolled back. */
  stopped: number;
  /** Median of those, from the beginning of the fault. */
  delayMs?: number;
  /** Mean over all runs. */
  leaked: number;
}

export interface CellResult {
  name: string;
  runs: number;
  seed: number;
  ours: Stops & {
    passed: number;
    held: number;
    /** Median, from ready on. */
    passMs?: number;
    /** What failed most often. */
    why?: string;
  };
  peers: Readonly<Record<PeerName, Stops>>;
  /** What the power formula said before, and what came of it. */
  power?: {
    /** Median. */
    requestsNeeded: number;
    /** Runs with twice the requests within the longest bake, and how many of these were rolled back. */
    detectable: number;
    caught: number;
  };
}

export function summarize(cell: Cell, runs: readonly Run[], seed: number): CellResult {
  const passes = runs.flatMap(({ ours }) => ours.passedAt ?? []);
  const count = (verdict: Run['ours']['verdict']) => runs.filter(({ ours }) => ours.verdict === verdict).length;
  const why = mostFrequent(runs.flatMap(({ ours }) => ours.why ?? []));
  const power = powerOf(cell, runs);
  const names = Object.keys(peers) as PeerName[];
  return {
    name: cell.name,
    runs: runs.length,
    seed,
    ours: {
      ...stopsOf(runs.map(({ ours }) => ours)),
      passed: count('pass'),
      held: count('hold'),
      ...(passes.length > 0 && { passMs: Math.round(median(passes)) }),
      ...(why !== undefined && { why }),
    },
    peers: Object.fromEntries(
      names.map((name) => [name, stopsOf(runs.map((run) => run.peers[name]))]),
    ) as unknown as Record<PeerName, Stops>,
    ...(power !== undefined && { power }),
  };
}

function stopsOf(stops: readonly Stop[]): Stops {
  const delays = stops.flatMap(({ delayMs }) => delayMs ?? []);
  return {
    stopped: delays.length,
    ...(delays.length > 0 && { delayMs: Math.round(median(delays)) }),
    leaked: Math.round(stops.reduce((sum, { leaked }) => sum + leaked, 0) / stops.length),
  };
}

function powerOf({ rps }: Cell, runs: readonly Run[]): CellResult['power'] {
  const foretold = runs.flatMap(({ requestsNeeded, ours }) =>
    requestsNeeded === undefined ? [] : [{ requestsNeeded, isCaught: ours.verdict === 'fail' }],
  );
  if (foretold.length === 0) return undefined;
  const detectable = foretold.filter(({ requestsNeeded }) => 2 * requestsNeeded <= requestsInBake(rps));
  return {
    requestsNeeded: Math.round(Math.min(Number.MAX_SAFE_INTEGER, median(foretold.map((each) => each.requestsNeeded)))),
    detectable: detectable.length,
    caught: detectable.filter(({ isCaught }) => isCaught).length,
  };
}

/** In the longest bake, without the first minute. */
const requestsInBake = (rps: number): number => (rps * (settings.maxBakeMs - 60_000)) / 1000;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

export function readResults(file: string): readonly CellResult[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CellResult[]) : [];
}

/** One line for each cell, so that a difference shows which has changed. */
export const writeResults = (file: string, results: readonly CellResult[]): void =>
  writeFileSync(file, `[\n${results.map((result) => JSON.stringify(result)).join(',\n')}\n]\n`);

/** New results take the place of those of the same cell; cells that do not exist any more are dropped. */
export function merged(results: readonly CellResult[], news: readonly CellResult[]): readonly CellResult[] {
  const byName = new Map([...results, ...news].map((result) => [result.name, result]));
  return cells.flatMap(({ name }) => byName.get(name) ?? []);
}
