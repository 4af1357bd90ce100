import type { Count, Normal } from '../../model/evidence.ts';
import { timesUsual } from './normal.ts';

/** Half as much again as usual is allowed, but no more than this, as a ratio. */
const marginMax = 0.005;
/** And this besides, so that a service which never fails may fail a little. */
const alwaysAllowed = 0.0005;

/**
 * The error ratio that is allowed now: half as much again as usual plus 0.05 points; what the rest of the mesh suffers too is allowed.
 * @param rest the rest of the mesh in the same time
 * @param errorRatio what counts as usual of a part without history
 */
export function limitOf({ most = 0, ...normal }: Normal, rest: Count, errorRatio: number): number {
  const usual = normal.requests === 0 ? errorRatio : most;
  const more = moreThanUsual(rest, normal.rest);
  const base =
    normal.followsRest && normal.rest !== undefined
      ? // Of few requests the factor says little, and an incident adds as many points to a part that seldom fails as to any other.
        Math.max(usual * timesUsual(rest, normal.rest), more > 0 ? usual + more : 0)
      : usual + more;
  return base + Math.min(base / 2, marginMax) + alwaysAllowed;
}

/** By how much the error ratio of the rest has risen, at least: a few failures among few requests are no incident. */
function moreThanUsual({ requests, errors }: Count, usual = 0): number {
  if (requests === 0) return 0;
  return Math.max(0, Math.max(0, Math.sqrt(errors) - 1) ** 2 / requests - usual);
}
