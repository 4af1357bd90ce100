import { newRevision, type Plan } from '../model/plan.ts';
import type { Selection, Workload } from '../model/world.ts';

/** What of a plan says which workloads are part of it. */
export type Upgrade = Pick<Plan, 'tag' | 'byLabel' | 'direction' | 'from' | 'to'>;

/** Whether a workload is part of the upgrade: the tag injects its pods, or the label that its namespace was given. */
export const belongsTo = ({ follows, namespace }: Pick<Workload, 'follows' | 'namespace'>, plan: Upgrade): boolean =>
  selectsFor(follows, namespace, plan);

/** The same for the webhook that picks the pods of a namespace. */
export function selectsFor(selection: Selection | undefined, namespace: string, plan: Upgrade): boolean {
  if (selection === undefined) return false;
  if (selection.tag === plan.tag) return true;
  const { byLabel = [] } = plan;
  return selection.tag === undefined && selection.revision === newRevision(plan) && byLabel.includes(namespace);
}
