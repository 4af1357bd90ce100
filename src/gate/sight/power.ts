import type { Count, Normal } from '../../model/evidence.ts';
import type { GateSettings } from '../../model/gate-settings.ts';
import type { Power } from '../../model/sight.ts';
import { rulesOf } from '../judge-traffic.ts';
import { chancesOf } from '../root/judge-part.ts';
import { limitOf } from '../root/limit.ts';
import { ratioSeen, requestsToPass, requestsToSee } from '../root/root-test.ts';
import { windows } from '../root/windows.ts';

/** A rise that must be noticed where nothing fails usually. */
const leastRise = 0.05;
/** The windows that begin when the wave is ready or later: the later, the smaller the rise that they see. */
const fixed = ['ready', 'started', 'settled'] as const;
/** When a window begins, milliseconds after the wave was ready; asked for a moment at which all of them exist. */
const beginOf = (window: (typeof fixed)[number], { intervalMs, watchMs }: GateSettings): number =>
  windows[window].from({ startedAt: 0, readyAt: 0, now: 4 * 60_000, passed: false, watchMs, intervalMs }) ??
  Number.POSITIVE_INFINITY;
/** As long as the rest of the mesh fails as usual, it allows nothing more. */
const quietRest: Count = { requests: 0, errors: 0 };

/** A workload, or the whole wave if it has no name; how many workloads the wave has decides how much chance may show. */
export interface Part {
  part?: string;
  /** Requests a second. */
  rate: number;
  normal: Normal;
  workloads: number;
}

/** What the rules of the gate would notice of a part, and how long a pass takes, by the formulas that judge it later. */
export function powerOf(
  { part, rate, normal, workloads }: Part,
  settings: GateSettings,
  rules = rulesOf(settings, { workloads }, true),
): Power {
  const { errorRatioMax, bakeMs, maxBakeMs, minRequests } = settings;
  const limit = limitOf(normal, quietRest, errorRatioMax);
  const usual = normal.requests === 0 ? 0 : normal.errors / normal.requests;
  const rise = Math.min(1, usual === 0 ? leastRise : Math.max(10 * usual, errorRatioMax));
  const looks = fixed.map((window) => ({
    beginMs: beginOf(window, settings),
    limit: Math.max(limit, windows[window].floor(errorRatioMax)),
    chances: chancesOf(window, part, rules),
  }));
  const seenAfter = (ms: number) =>
    Math.min(
      ...looks.map(({ beginMs, limit: least, chances }) =>
        ratioSeen((rate * Math.max(0, ms - beginMs)) / 1000, least, chances, normal.dispersion),
      ),
    );
  const noticeMs = Math.min(
    ...looks.map(
      ({ beginMs, limit: least, chances }) =>
        beginMs + (1000 * requestsToSee(rise, least, chances, normal.dispersion)) / rate,
    ),
  );
  const toPass = Math.max(minRequests, requestsToPass(usual, limit + errorRatioMax, normal.dispersion));
  return {
    rate,
    normal,
    seenInBake: seenAfter(bakeMs),
    seenAtMost: seenAfter(maxBakeMs),
    rise,
    noticeMs,
    passMs: Math.max(bakeMs, (1000 * toPass) / rate),
  };
}
