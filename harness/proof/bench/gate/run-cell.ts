import { limitOf } from '../../../../src/gate/root/limit.ts';
import { normalOf, sumOf } from '../../../../src/gate/root/normal.ts';
import { requestsToSee } from '../../../../src/gate/root/root-test.ts';
import { type Cell, minute, rolloutMs, scrapeMs } from './cell.ts';
import { Chance } from './chance.ts';
import { chancesOfWave, type JudgeOptions, judgeRun, settings } from './judge-run.ts';
import type { Arm, PeerTrace } from './peers/peer.ts';
import { type PeerName, peers } from './peers/peers.ts';
import { type Counters, type Trace, traceOf } from './trace.ts';

/** What one gate did with one run. Times are milliseconds; `undefined` if it let the wave go on. */
export interface Stop {
  /** From the beginning of the fault; from ready in healthy cells. */
  delayMs: number | undefined;
  /** Failed requests in the view of the clients until it was stopped, or until the end. */
  leaked: number;
}

export interface Run {
  ours: Stop & { verdict: 'fail' | 'pass' | 'hold'; passedAt?: number; why?: string };
  peers: Readonly<Record<PeerName, Stop>>;
  /** How many requests the power formula asks for until the fault is seen; only of faults of the whole wave. */
  requestsNeeded?: number;
}

/** How long the peers analyse a wave; ours may bake as long. */
const analysedMs = settings.maxBakeMs;
/** From one wave to the next, when all passes. */
const wavePeriodMs = settings.bakeMs + settings.settleMs + rolloutMs;

/** Draws and judges one run. The same seed and number give the same run, in whatever order runs are taken. */
export function runOnce(
  cell: Cell,
  seed: number,
  number: number,

  options: Omit<JudgeOptions, 'watchedMs'> = {},
): Run {
  const chance = new Chance(seed, hashOf(cell.name), number);
  const runs = Array.from({ length: cell.waves }, (_, index): Run => {
    // A wave that has passed is watched until the last one has.
    const watchedMs = cell.waves === 1 ? Number.POSITIVE_INFINITY : (cell.waves - index) * wavePeriodMs;
    const trace = traceOf(cell, chance, Math.max(analysedMs + minute, cell.waves === 1 ? 0 : watchedMs));
    const outcome = judgeRun(trace, { ...options, watchedMs });
    const needed = requestsNeeded(trace);
    return {
      ours: {
        ...stopAt(trace, outcome.verdict === 'fail' ? outcome.at : undefined),
        verdict: outcome.verdict,
        ...(outcome.passedAt !== undefined && { passedAt: outcome.passedAt }),
        ...(outcome.why !== undefined && { why: outcome.why }),
      },
      peers: peersOn(trace),
      ...(needed !== undefined && { requestsNeeded: needed }),
    };
  });
  return runs.reduce(worse);
}

/** Of several waves the one that stops the upgrade. */
function worse(one: Run, other: Run): Run {
  const rank = { fail: 2, hold: 1, pass: 0 };
  const isOther = rank[other.ours.verdict] > rank[one.ours.verdict];
  const [mine, theirs] = [one.peers, other.peers];
  const stops = (Object.keys(peers) as PeerName[]).map(
    (name) => [name, mine[name].delayMs === undefined ? theirs[name] : mine[name]] as const,
  );
  return { ...(isOther ? other : one), peers: Object.fromEntries(stops) as Record<PeerName, Stop> };
}

const onsetOf = ({ faults }: Cell): number => Math.min(...faults.map(({ from }) => from), Number.POSITIVE_INFINITY);

function stopAt(trace: Trace, at: number | undefined): Stop {
  const { cell } = trace;
  const onset = cell.kind === 'healthy' ? 0 : onsetOf(cell);
  const until = at ?? trace.firstScrapeAt + (trace.scrapes - 1) * scrapeMs;
  // All that failed between the two scrapes around the onset did so after it.
  const scrapeBefore = onset - ((((onset - trace.firstScrapeAt) % scrapeMs) + scrapeMs) % scrapeMs);
  const [from, to] = [failedUntil(trace, scrapeBefore), failedUntil(trace, Math.max(onset, until))];
  return { delayMs: at === undefined ? undefined : Math.max(0, at - onset), leaked: to - from };
}

/** What clients got until then: failures, or slow answers in cells about these. Between two scrapes in proportion. */
function failedUntil({ cell, wave, firstScrapeAt, scrapes }: Trace, at: number): number {
  const isSlow = cell.faults.some(({ is }) => is === 'slow');
  const position = Math.min(scrapes - 1, Math.max(0, (at - firstScrapeAt) / scrapeMs));
  const below = Math.floor(position);
  const { error, refusal, lost } = wave.clientSide;
  const sum = (index: number) =>
    isSlow ? (wave.serverSide.slow[index] ?? 0) : (error[index] ?? 0) + (refusal[index] ?? 0) + (lost[index] ?? 0);
  return sum(below) + (position - below) * (sum(Math.min(scrapes - 1, below + 1)) - sum(below));
}

function peersOn(trace: Trace): Record<PeerName, Stop> {
  const first = Math.ceil(-trace.firstScrapeAt / scrapeMs);
  const startedAt = trace.firstScrapeAt + first * scrapeMs;
  const seen = peerTrace(trace, first);
  const stops = (Object.keys(peers) as PeerName[]).map((name) => {
    const after = peers[name](seen);
    return [name, stopAt(trace, after === undefined ? undefined : startedAt + after * scrapeMs)] as const;
  });
  return Object.fromEntries(stops) as Record<PeerName, Stop>;
}

/** What the peers' queries would count. A connection that failed is a 503 to the client; what the gRPC code says alone is not. */
function peerTrace({ wave, rest }: Trace, first: number): PeerTrace {
  const arm = (counters: Counters): Arm => {
    const length = Math.min(analysedMs / scrapeMs, counters.requests.length - 1 - first);
    const grownBy = (samples: Int32Array, index: number) =>
      (samples[first + index + 1] ?? 0) - (samples[first + index] ?? 0);
    return {
      requests: Int32Array.from({ length }, (_, index) => grownBy(counters.requests, index)),
      errors: Int32Array.from(
        { length },
        (_, index) => grownBy(counters.error, index) + grownBy(counters.lost, index) - grownBy(counters.hidden, index),
      ),
    };
  };
  return { server: arm(wave.serverSide), client: arm(wave.clientSide), control: arm(rest) };
}

/** By the product's own formula, of server errors of the whole wave in the window that has no floor. */
function requestsNeeded({ cell, history }: Trace): number | undefined {
  const [fault, ...others] = cell.faults;
  if (cell.kind === 'healthy' || fault === undefined || others.length > 0) return undefined;
  if (fault.is !== 'error' || fault.sides !== undefined || fault.workloads !== undefined) return undefined;
  const blocks = history.wave.serverSide.error;
  const normal = normalOf(blocks);
  const rest = sumOf(blocks.map((block) => block.rest));
  const limit = limitOf(normal, rest, settings.errorRatioMax);
  const ratio = cell.usual.error * (fault.times ?? 1) + (fault.points ?? 0);
  return requestsToSee(Math.min(1, ratio), limit, chancesOfWave, normal.dispersion);
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}
