import type { Count, PartCounts, Verdict, WindowName } from '../../model/evidence.ts';
import { passRequests } from '../../model/gate-settings.ts';
import { limitOf } from './limit.ts';
import { exceeds, likelyExceeds, plausibleRatio } from './root-test.ts';
import { disasterRatio, windowCount, windows } from './windows.ts';

export interface Rules {
  /** What counts as usual without history, the least that fails soon after the start, and what a pass allows beyond the limit. A ratio. */
  errorRatio: number;
  /** How many requests a pass takes; a kind of traffic that may be absent needs none. */
  minRequests: number;
  /** How many kinds of failures are judged, each of which could give a false alarm. */
  kinds: number;
  /** How many workloads the wave has. */
  workloads: number;
}

/** What one part of a wave comes to, and the numbers that say so. */
export interface PartJudgement {
  verdict: Verdict;
  /** In which window; none has begun if left out. */
  window?: WindowName;
  own: Count;
  /** The error ratio that is allowed in that window. */
  limit: number;
  /** Above the limit, but with no rest of the mesh that could tell the release from the surroundings. */
  aloneAbove?: true;
}

/** With fewer requests the rest of the mesh says nothing. */
export const restNeeded = 100;
const sliding = 'recent';
const nothing: Count = { requests: 0, errors: 0 };

/** The verdict on one part: the wave if it has no name, else a workload, which can only fail. Fails first; the earliest window speaks. */
export function judgePart({ part, normal, windows: counts }: PartCounts, rules: Rules): PartJudgement {
  const judged = (Object.keys(windows) as WindowName[]).flatMap((window) => {
    const counted = counts[window];
    if (counted === undefined) return [];
    const { own, rest } = counted;
    const allowed = limitOf(normal, rest, rules.errorRatio);
    const limit = Math.max(allowed, windows[window].floor(rules.errorRatio));
    const chances = chancesOf(window, part, rules);
    const isAbove = exceeds(own, limit, chances, normal.dispersion);
    const isDisaster = isAbove && exceeds(own, Math.max(limit, disasterRatio), chances, normal.dispersion);
    return [{ window, own, allowed, limit, isAbove, isFail: isDisaster || (isAbove && rest.requests >= restNeeded) }];
  });

  const fail = judged.find(({ isFail }) => isFail);
  if (fail !== undefined) return { verdict: 'fail', window: fail.window, own: fail.own, limit: fail.limit };
  const above = judged.find(({ isAbove }) => isAbove);
  if (above !== undefined)
    return { verdict: 'inconclusive', window: above.window, own: above.own, limit: above.limit, aloneAbove: true };

  // A pass is given for the latest time after the start that has enough requests; no floor lowers what it takes.
  const fixed = judged.filter(({ window }) => window !== sliding);
  // Slow requests are counted in the sliding window alone.
  const sinceReady = fixed.length > 0 ? fixed : judged;
  const latest = sinceReady.at(-1);
  const isBelow = ({ own, allowed }: Judged) => own.errors <= allowed * own.requests;
  const isProven = (each: Judged) =>
    each.own.requests >= rules.minRequests &&
    isBelow(each) &&
    plausibleRatio(each.own, normal.dispersion) <= each.allowed + rules.errorRatio;
  const proven = sinceReady.findLast(isProven);
  const enough = passRequests(rules.errorRatio);
  const telling = Math.max(rules.minRequests, enough);
  const shown = proven ?? sinceReady.findLast(({ own }) => own.requests >= telling) ?? sinceReady[0];
  const at = {
    ...(shown && { window: shown.window }),
    own: shown?.own ?? nothing,
    limit: shown?.allowed ?? limitOf(normal, nothing, rules.errorRatio),
  };
  if (part !== undefined) return { verdict: 'pass', ...at };
  if (at.own.requests < rules.minRequests) return { verdict: 'inconclusive', ...at };
  // Of traffic that may be absent, too few in every window to prove anything: a pass, unless it is most likely above the limit.
  const isScarce = sinceReady.every(({ own }) => own.requests < enough);
  if (rules.minRequests === 0 && isScarce) {
    const isSuspect = sinceReady.some(({ own, allowed }) => likelyExceeds(own, allowed, normal.dispersion));
    return { verdict: isSuspect ? 'inconclusive' : 'pass', ...at };
  }
  // Above the limit at last, more requests may still make it a fail: it bakes on.
  return { verdict: proven !== undefined && latest !== undefined && isBelow(latest) ? 'pass' : 'inconclusive', ...at };
}

interface Judged {
  own: Count;
  allowed: number;
}

/** How many looks at different numbers could each give a false alarm. */
export function chancesOf(window: WindowName, part: string | undefined, { kinds, workloads }: Rules): number {
  const parts = part === undefined ? 2 : 2 * workloads;
  return kinds * windowCount * parts * windows[window].chances;
}
