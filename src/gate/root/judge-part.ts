import type { Count, PartCounts, Verdict, WindowName } from '../../model/evidence.ts';
import { limitOf } from './limit.ts';
import { exceeds, plausibleRatio } from './root-test.ts';
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
const restNeeded = 100;
const wave = 'settled';

/** The verdict on one part: the wave if it has no name, else a workload, which can only fail. Fails first; the earliest window speaks. */
export function judgePart({ part, normal, windows: counts }: PartCounts, rules: Rules): PartJudgement {
  const parts = part === undefined ? 2 : 2 * rules.workloads;
  const judged = (Object.keys(windows) as WindowName[]).flatMap((window) => {
    const counted = counts[window];
    if (counted === undefined) return [];
    const { own, rest } = counted;
    const limit = Math.max(limitOf(normal, rest, rules.errorRatio), windows[window].floor(rules.errorRatio));
    const chances = rules.kinds * windowCount * parts * windows[window].chances;
    const isAbove = exceeds(own, limit, chances, normal.dispersion);
    const isDisaster = isAbove && exceeds(own, Math.max(limit, disasterRatio), chances, normal.dispersion);
    return [{ window, own, limit, isAbove, isFail: isDisaster || (isAbove && rest.requests >= restNeeded) }];
  });

  const fail = judged.find(({ isFail }) => isFail);
  if (fail !== undefined) return { verdict: 'fail', window: fail.window, own: fail.own, limit: fail.limit };
  const above = judged.find(({ isAbove }) => isAbove);
  if (above !== undefined)
    return { verdict: 'inconclusive', window: above.window, own: above.own, limit: above.limit, aloneAbove: true };

  const settled = judged.find(({ window }) => window === wave) ?? judged.at(-1);
  const { own = { requests: 0, errors: 0 }, limit = limitOf(normal, { requests: 0, errors: 0 }, rules.errorRatio) } =
    settled ?? {};
  const at = { ...(settled && { window: settled.window }), own, limit };
  if (part !== undefined) return { verdict: 'pass', ...at };
  if (own.requests < rules.minRequests) return { verdict: 'inconclusive', ...at };
  // Too few to prove anything, of traffic that may be absent.
  if (own.requests < passRequests(rules.errorRatio))
    return { verdict: rules.minRequests > 0 ? 'inconclusive' : 'pass', ...at };
  const isWithin = plausibleRatio(own, normal.dispersion) <= limit + rules.errorRatio;
  return { verdict: isWithin ? 'pass' : 'inconclusive', ...at };
}

/** Fewer requests do not exclude that this ratio of them fails. */
export const passRequests = (errorRatio: number): number => Math.ceil(3 / errorRatio);
