import type { WindowName } from '../../model/evidence.ts';
import { restartPastMs } from '../../model/gate-settings.ts';

/** A span of time that ends now, and how much must fail in it at least. */
export interface Window {
  /** When it begins, Unix milliseconds of the cluster; `undefined` while it does not exist. */
  from(times: Times): number | undefined;
  /** No limit below this is taken, as a ratio: pods that have just started fail a little. */
  floor(errorRatio: number): number;
  /** How many of these there are in a wave: one that slides is looked at again and again. */
  chances: number;
}

/** Of one look, Unix milliseconds of the cluster. */
export interface Times {
  startedAt: number;
  /** Absent while the wave restarts. */
  readyAt?: number;
  now: number;
  /** Whether the wave has passed and is only watched. */
  passed: boolean;
  /** How long the sliding window is. */
  watchMs: number;
  /** Between two scrapes. The first sample of a window is up to so old. */
  intervalMs: number;
}

/** So much is wrong whatever was usual, and whatever happens to the rest of the mesh. */
export const disasterRatio = 0.05;

const ifPast = (from: number, now: number) => (from < now ? from : undefined);
/** After so long, what is counted since half a minute after the start says no more than what is counted later. */
const earlyMs = 5 * 60_000;

/** The later a window begins, the less of the restart is in it, and the less must fail. */
export const windows = {
  moving: {
    from: ({ startedAt, readyAt, now }) => (readyAt === undefined ? ifPast(startedAt, now) : undefined),
    floor: () => disasterRatio,
    chances: 1,
  },
  ready: {
    from: (times) => (times.readyAt === undefined || isSliding(times) ? undefined : ifPast(times.readyAt, times.now)),
    floor: () => disasterRatio,
    chances: 1,
  },
  started: {
    from: (times) => (isEarly(times) ? afterStart(times, 30_000) : undefined),
    floor: (errorRatio) => errorRatio,
    chances: 1,
  },
  settled: {
    from: (times) => afterStart(times, restartPastMs),
    floor: () => 0,
    chances: 1,
  },
  recent: {
    from: (times) => {
      const { readyAt, now, watchMs, intervalMs } = times;
      if (readyAt === undefined) return undefined;
      const settled = settledAt(readyAt, intervalMs);
      if (isSliding(times)) return Math.max(settled, now - watchMs);
      return now - watchMs > settled ? now - watchMs : undefined;
    },
    floor: () => 0,
    chances: 24,
  },
} satisfies Record<WindowName, Window>;

/** Looks of one wave at one number: four windows, as the sum of chances takes them. */
export const windowCount = 4;

const isEarly = ({ readyAt, now }: Times) => readyAt !== undefined && now - readyAt <= earlyMs;

/**
 * Whether only the sliding window is left. A wave whose bake was shorter than the effects of its restart has passed before that window
 * exists: until then its others stay.
 */
const isSliding = ({ passed, readyAt, now, intervalMs }: Times): boolean =>
  passed && readyAt !== undefined && now > settledAt(readyAt, intervalMs);

/** One scrape later: a counter grows from the last sample before a window, which may be from the start still. */
function afterStart(times: Times, ms: number): number | undefined {
  const { readyAt, now, intervalMs } = times;
  return readyAt === undefined || isSliding(times) ? undefined : ifPast(readyAt + ms + intervalMs, now);
}

/** When no window that begins has a part of the restart in it any more, Unix milliseconds. */
export const settledAt = (readyAt: number, intervalMs: number): number => readyAt + restartPastMs + intervalMs;
