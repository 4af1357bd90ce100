import { failureClasses } from '../../../../src/gate/failures.ts';
import { blockCount, historyMs } from '../../../../src/gate/history.ts';
import type { Block } from '../../../../src/gate/root/normal.ts';
import type { FailureClass } from '../../../../src/model/evidence.ts';
import { bySide, type Cell, type Fault, rolloutMs, type Side, scrapeMs, sides, type Wandering } from './cell.ts';
import type { Chance } from './chance.ts';

const blockMs = historyMs / blockCount;
const scrapesOfBlock = blockMs / scrapeMs;

const columns = ['requests', ...failureClasses, 'slow', 'hidden'] as const;
export type Column = (typeof columns)[number];

/** Counters of one part of the mesh as one side sees it, each as its samples: one for each scrape, growing. */
export type Counters = Readonly<Record<Column, Int32Array>>;

/** One run: everything that was counted, as the samples that a Prometheus would have. */
export interface Trace {
  cell: Cell;
  /** The first scrape, milliseconds since ready; the others follow every 15 s. */
  firstScrapeAt: number;
  scrapes: number;
  /** A look is taken every 15 s, so long after a scrape. */
  lookAfterMs: number;
  workloads: readonly Readonly<Record<Side, Counters>>[];
  /** All workloads together. */
  wave: Readonly<Record<Side, Counters>>;
  /** The rest of the mesh, as its servers see it. */
  rest: Counters;
  /** The hours before: of each part, by side and by what fails, in blocks. */
  history: { workloads: readonly Readonly<Record<Side, History>>[]; wave: Readonly<Record<Side, History>> };
}

type History = Readonly<Record<FailureClass | 'slow', readonly Block[]>>;

/** Draws a run of a cell. @param afterMs how long it is watched after the wave was ready */
export function traceOf(cell: Cell, chance: Chance, afterMs: number): Trace {
  // Where the moment of being ready lies between two scrapes is arbitrary.
  const firstScrapeAt = -rolloutMs - scrapeMs * (1 + chance.uniform());
  const scrapes = Math.ceil((afterMs - firstScrapeAt) / scrapeMs) + 1;
  const past = blockCount * scrapesOfBlock;
  const length = past + scrapes - 1;
  const shared = wander(cell.wandering.shared, length, chance);
  const own = wander(cell.wandering.own, length, chance);
  const ofRest = wander(cell.wandering.own, length, chance);
  const at = (index: number) => firstScrapeAt + (index - past + 0.5) * scrapeMs;
  const load = Float64Array.from({ length }, (_, index) => cell.load?.(at(index)) ?? 1);
  const drift = Float64Array.from({ length }, (_, index) => cell.drift?.(at(index)) ?? 1);
  const factors = (by: Float64Array) => by.map((factor, index) => factor * (shared[index] ?? 1) * (drift[index] ?? 1));
  const [ownFactor, restFactor] = [factors(own), factors(ofRest)];

  const draw = (part: Part, factor: Float64Array) => ({
    now: drawNow(cell, part, chance, { firstScrapeAt, scrapes, past, load, factor }),
    history: drawPast(cell, part, chance, { load, factor }),
  });
  const restPart: Part = { rps: cell.rps * cell.restTimes, side: 'serverSide', isRest: true, fails: cell.restFails };
  const rest = draw(restPart, restFactor);
  const parts = cell.shares.map((share, workload) => {
    const drawn = bySide((side) => draw({ rps: cell.rps * share, side, workload, isRest: false, fails: 1 }, ownFactor));
    return drawn;
  });
  const blocks = (counts: readonly Past[]): History => historyOf(counts, rest.history);
  const workloads = parts.map((part) => bySide((side) => part[side].now));
  if (cell.scraping !== undefined) for (const workload of workloads) spoil(workload, cell.scraping, chance);
  return {
    cell,
    firstScrapeAt,
    scrapes,
    lookAfterMs: chance.uniform() * scrapeMs,
    workloads: workloads.map((workload) => bySide((side) => grown([workload[side]], scrapes))),
    wave: bySide((side) =>
      grown(
        workloads.map((workload) => workload[side]),
        scrapes,
      ),
    ),
    rest: grown([rest.now], scrapes),
    history: {
      workloads: parts.map((part) => bySide((side) => blocks([part[side].history]))),
      wave: bySide((side) => blocks(parts.map((part) => part[side].history))),
    },
  };
}

/** One part of the mesh, as one side sees it. */
interface Part {
  rps: number;
  side: Side;
  workload?: number;
  isRest: boolean;
  /** Times as often as usual. */
  fails: number;
}

/** What was counted between two scrapes. */
type Counted = Readonly<Record<Column, Int32Array>>;

/** Factors of mean 1. */
function wander(wandering: Wandering | undefined, length: number, chance: Chance): Float64Array {
  const factors = new Float64Array(length).fill(1);
  if (wandering === undefined) return factors;
  const { logSd, memoryMs } = wandering;
  const kept = Math.exp(-scrapeMs / memoryMs);
  const news = Math.sqrt(1 - kept * kept);
  let state = chance.normal();
  for (let index = 0; index < length; index++) {
    factors[index] = Math.exp(logSd * state - (logSd * logSd) / 2);
    state = kept * state + news * chance.normal();
  }
  return factors;
}

function drawNow(
  cell: Cell,
  part: Part,
  chance: Chance,
  {
    firstScrapeAt,
    scrapes,
    past,
    load,
    factor,
  }: { firstScrapeAt: number; scrapes: number; past: number; load: Float64Array; factor: Float64Array },
): Counted {
  const counted = Object.fromEntries(columns.map((column) => [column, new Int32Array(scrapes)])) as unknown as Counted;
  const faults = cell.faults.filter(
    ({ sides: at, workloads, everywhere = false }) =>
      (at === undefined || at.includes(part.side)) &&
      (part.isRest ? everywhere : workloads === undefined || workloads.includes(part.workload ?? -1)),
  );
  for (let index = 1; index < scrapes; index++) {
    const begin = firstScrapeAt + (index - 1) * scrapeMs;
    const hit = faults.length === 0 ? none : strike(faults, begin, cell);
    // While the wave restarts, only its new pods count.
    const isNew = part.isRest ? 1 : Math.min(1, Math.max(0, 1 + (begin + scrapeMs / 2) / rolloutMs));
    const mean =
      part.rps * (scrapeMs / 1000) * (load[past + index - 1] ?? 1) * isNew * Math.max(0, 1 - (hit['gone'] ?? 0));
    let failed = 0;
    let likely = 0;
    for (const failure of failureClasses) {
      const ratio = Math.min(
        1 - likely,
        cell.usual[failure] * part.fails * (factor[past + index - 1] ?? 1) + (hit[failure] ?? 0),
      );
      likely += ratio;
      const count = chance.inBursts(mean * ratio, cell.burst);
      counted[failure][index] = count;
      failed += count;
    }
    const slowRatio =
      part.side === 'serverSide' ? Math.min(1, cell.usual.slow * (factor[past + index - 1] ?? 1) + (hit.slow ?? 0)) : 0;
    const slow = slowRatio > 0 ? chance.poisson(mean * (1 - likely) * slowRatio) : 0;
    counted.slow[index] = slow;
    counted.requests[index] = failed + slow + chance.poisson(mean * (1 - likely) * (1 - slowRatio));
    if (hit.isHidden) counted.hidden[index] = counted.error[index] ?? 0;
  }
  return counted;
}

/** How much more of each trouble there is between two scrapes. */
type Strike = Partial<Record<FailureClass | 'slow' | 'gone', number>> & { isHidden?: boolean };
const none: Strike = {};

function strike(faults: readonly Fault[], begin: number, cell: Cell): Strike {
  const hit: Strike = {};
  for (const { is, points = 0, times, from, to, isHiddenFromPeers } of faults) {
    const part = Math.max(0, Math.min(to, begin + scrapeMs) - Math.max(from, begin)) / scrapeMs;
    if (part === 0) continue;
    const more = times === undefined || is === 'gone' ? points : cell.usual[is] * (times - 1);
    hit[is] = (hit[is] ?? 0) + part * more;
    if (isHiddenFromPeers === true) hit.isHidden = true;
  }
  return hit;
}

interface Past {
  requests: Float64Array;
  failed: Readonly<Record<FailureClass | 'slow', Float64Array>>;
}

/** Sums of Poisson counts are Poisson counts of the summed means, so that a block takes one draw. */
function drawPast(
  cell: Cell,
  part: Part,
  chance: Chance,
  { load, factor }: { load: Float64Array; factor: Float64Array },
): Past {
  const empty = () => new Float64Array(blockCount);
  const past: Past = { requests: empty(), failed: { error: empty(), refusal: empty(), lost: empty(), slow: empty() } };
  const from = blockCount - Math.round(cell.historyMs / blockMs);
  for (let block = from; block < blockCount; block++) {
    let [mean, weighted] = [0, 0];
    for (let index = block * scrapesOfBlock; index < (block + 1) * scrapesOfBlock; index++) {
      const requests = part.rps * (scrapeMs / 1000) * (load[index] ?? 1);
      mean += requests;
      weighted += requests * (factor[index] ?? 1);
    }
    let failed = 0;
    for (const failure of failureClasses) {
      const count = chance.inBursts(weighted * cell.usual[failure] * part.fails, cell.burst);
      past.failed[failure][block] = count;
      failed += count;
    }
    if (part.side === 'serverSide') past.failed.slow[block] = chance.poisson(weighted * cell.usual.slow);
    past.requests[block] = Math.max(failed + (past.failed.slow[block] ?? 0), chance.poisson(mean));
  }
  return past;
}

function historyOf(own: readonly Past[], rest: Past): History {
  const of = (failure: FailureClass | 'slow'): Block[] =>
    Array.from({ length: blockCount }, (_, block) => ({
      own: {
        requests: own.reduce((sum, { requests }) => sum + (requests[block] ?? 0), 0),
        errors: own.reduce((sum, { failed }) => sum + (failed[failure][block] ?? 0), 0),
      },
      rest: { requests: rest.requests[block] ?? 0, errors: rest.failed[failure][block] ?? 0 },
    }));
  return { error: of('error'), refusal: of('refusal'), lost: of('lost'), slow: of('slow') };
}

/** A scrape that fails moves what it would have seen to the next one; a proxy that restarts loses what it counted since its last scrape. */
function spoil(
  workload: Readonly<Record<Side, Counted>>,
  { lost, resets }: NonNullable<Cell['scraping']>,
  chance: Chance,
): void {
  const length = workload.serverSide.requests.length;
  const moves = (index: number, keep: (count: number) => number, carry: boolean) => {
    for (const side of sides) {
      for (const column of columns) {
        const counts = workload[side][column];
        const kept = keep(counts[index] ?? 0);
        if (carry) counts[index + 1] = (counts[index + 1] ?? 0) + (counts[index] ?? 0) - kept;
        counts[index] = kept;
      }
    }
  };
  for (let index = 1; index < length - 1; index++) {
    if (chance.uniform() < lost) moves(index, () => 0, true);
    else if (chance.uniform() < resets / length) {
      const part = chance.uniform();
      moves(index, (count) => Math.floor(count * part), false);
    }
  }
}

/** Counters that grow by the sum of what several parts counted. */
function grown(parts: readonly Counted[], scrapes: number): Counters {
  return Object.fromEntries(
    columns.map((column) => {
      const samples = new Int32Array(scrapes);
      for (let index = 1; index < scrapes; index++) {
        let sum = samples[index - 1] ?? 0;
        for (const part of parts) sum += part[column][index] ?? 0;
        samples[index] = sum;
      }
      return [column, samples];
    }),
  ) as unknown as Counters;
}
