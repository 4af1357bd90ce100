import { observe } from '../mesh/observe.ts';
import { Recent } from '../mesh/recent.ts';
import type { Plan } from '../model/plan.ts';
import { messageOf, UpgradeError } from '../model/upgrade-error.ts';
import type { World } from '../model/world.ts';
import { noMarks, type Run } from './run.ts';

/** What the new sidecar changes in the pods, for a plan: it is shown also where istioctl cannot render the new istiod. */
export async function observePodChanges(run: Run, plan: Plan): Promise<World['podChanges']> {
  const remembered = { marks: noMarks, unchangedForMs: 0, stillFor: new Map(), setAside: new Map() };
  try {
    return (await observe(run.ports, ['podChanges'], plan, remembered, new Recent(run.clock, 0))).podChanges;
  } catch (failure) {
    if (!(failure instanceof UpgradeError)) throw failure;
    return [{ workload: 'any workload', others: 0, pods: { unknown: messageOf(failure) }, toIs: 'rendered' }];
  }
}
