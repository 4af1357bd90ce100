import type { Direction, Plan } from './plan.ts';

/** Which run restarted a workload last, and in which direction: a workload is restarted once for each. */
export interface RestartMark {
  runId: string;
  direction: Direction;
  /** The hash of the pod template at the restart, or `unfinished`; marks of earlier releases have none. */
  template?: string;
}

/** Instead of a hash: another rollout had not ended when the workload was restarted, so its template had not proven that it comes up. */
export const unfinished = '00000000';

/** As it stands in the cluster: `RUN.DIRECTION.TEMPLATE`. */
export function formatRestartMark({ runId, direction, template }: RestartMark): string {
  return [runId, direction, ...(template === undefined ? [] : [template])].join('.');
}

/** @returns `undefined` for a text that is not of this form, and so not ours */
export function parseRestartMark(text: string | undefined): RestartMark | undefined {
  const [, runId, direction, template] = /^(.+)\.(forward|back)(?:\.([0-9a-f]{8}))?$/.exec(text ?? '') ?? [];
  return runId === undefined
    ? undefined
    : { runId, direction: direction as Direction, ...(template === undefined ? {} : { template }) };
}

/** Whether the run of this plan made the restart, in the plan's direction. */
export function isOfPlan(
  mark: RestartMark | undefined,
  { runId, direction }: Pick<Plan, 'runId' | 'direction'>,
): boolean {
  return mark?.runId === runId && mark.direction === direction;
}
