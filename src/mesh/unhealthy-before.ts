import type { UnhealthyBefore } from '../model/marks.ts';
import type { Unhealthy } from '../model/world.ts';

/** The journal has a bounded size. In a mesh with more of them, the others count as healthy. */
const keptMax = 200;

/** What the journal keeps of the workloads that are not healthy when the upgrade begins. */
export const unhealthyBefore = (unhealthy: readonly Unhealthy[]): UnhealthyBefore => ({
  workloads: Object.fromEntries(
    unhealthy.slice(0, keptMax).map(({ workload, desired, ready }) => [workload, { desired, ready }]),
  ),
  more: Math.max(0, unhealthy.length - keptMax),
});
