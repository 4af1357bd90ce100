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
/** The window that sees small rises: no floor raises its limit. It does not look at the time just after the restart. */
const window = 'settled';
const graceOf = ({ intervalMs, watchMs }: GateSettings): number =>
  windows[window].from({
    startedAt: 0,
    readyAt: 0,
    now: Number.POSITIVE_INFINITY,
    passed: false,
    watchMs,
    intervalMs,
  }) ?? 0;
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
export function powerOf({ part, rate, normal, workloads }: Part, settings: GateSettings): Power {
  const { errorRatioMax, bakeMs, maxBakeMs, minRequests } = settings;
  const rules = rulesOf(settings, { workloads }, true);
  const graceMs = graceOf(settings);
  const limit = limitOf(normal, quietRest, errorRatioMax);
  const chances = chancesOf(window, part, rules);
  const usual = normal.requests === 0 ? 0 : normal.errors / normal.requests;
  const rise = Math.min(1, usual === 0 ? leastRise : Math.max(10 * usual, errorRatioMax));
  const seenAfter = (ms: number) =>
    ratioSeen((rate * Math.max(0, ms - graceMs)) / 1000, limit, chances, normal.dispersion);
  const toCount = (requests: number) => graceMs + (1000 * requests) / rate;
  const toPass = Math.max(minRequests, requestsToPass(usual, limit + errorRatioMax, normal.dispersion));
  return {
    rate,
    normal,
    seenInBake: seenAfter(bakeMs),
    seenAtMost: seenAfter(maxBakeMs),
    rise,
    noticeMs: toCount(requestsToSee(rise, limit, chances, normal.dispersion)),
    passMs: Math.max(bakeMs, toCount(toPass)),
  };
}
