import type { Workload } from '../mesh/world.ts';
import type { Plan } from '../plan/plan.ts';

/** A workload that the config leaves alone for a while. */
export interface Waiver {
  /** As findings name it: `StatefulSet baz/db`. */
  workload: string;
  reason: string;
  /** The last day on which it holds, `YYYY-MM-DD`, to its end in UTC. */
  until: string;
}

const dayMs = 24 * 60 * 60 * 1000;

/** The first moment at which it no longer holds, Unix milliseconds. */
export const endOf = ({ until }: Waiver): number => Date.parse(`${until}T00:00:00Z`) + dayMs;

/**
 * Why we do not restart a workload: a restart would not replace its pods, or the config waives it. On the way back nothing
 * is waived: what runs the revision that is to be left must leave it.
 */
export function whyNotMoved(
  { id, unrestartable }: Pick<Workload, 'id' | 'unrestartable'>,
  { direction, waivers }: Pick<Plan, 'direction' | 'waivers'>,
): string | undefined {
  const waiver = direction === 'back' ? undefined : waivers.find(({ workload }) => workload === id);
  return waiver === undefined ? unrestartable : `waived until ${waiver.until}: ${waiver.reason}`;
}
