import type { Direction, Plan } from './plan.ts';

/** Which run restarted a workload last, and in which direction: a workload is restarted once for each. */
export interface RestartMark {
  runId: string;
  direction: Direction;
}

/** As it stands in the cluster: `RUN.DIRECTION`. */
export function formatRestartMark({ runId, direction }: RestartMark): string {
  return `${runId}.${direction}`;
}

/** @returns `undefined` for a text that is not of this form, and so not ours */
export function parseRestartMark(text: string | undefined): RestartMark | undefined {
  const [, runId, direction] = /^(.+)\.(forward|back)$/.exec(text ?? '') ?? [];
  return runId === undefined ? undefined : { runId, direction: direction as Direction };
}

/** Whether the run of this plan made the restart, in the plan's direction. */
export function isOfPlan(
  mark: RestartMark | undefined,
  { runId, direction }: Pick<Plan, 'runId' | 'direction'>,
): boolean {
  return mark?.runId === runId && mark.direction === direction;
}
