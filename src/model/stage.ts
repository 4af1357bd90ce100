import type { Awaited } from './awaited.ts';
import type { Effect } from './effect.ts';
import type { Finding, Problem } from './finding.ts';
import type { Plan } from './plan.ts';
import { numberOf, type StageNumber, type StepName, titleOf } from './procedure.ts';
import type { Aspect, World } from './world.ts';

/** The unit of the domain: four pure, synchronous answers about one snapshot. */
export interface Stage<A extends Aspect = Aspect> {
  /** The step of the procedure that it belongs to. */
  step: StepName;
  /** For display. */
  number: StageNumber;
  /** The step's own, but for stages that do a part of it again. */
  name: string;
  title: string;
  /** The parts of the world that it reads; observe fetches no more than these. */
  looksAt: readonly A[];
  /** How often it looks when nothing followed changes, in milliseconds; for stages whose looks cost much. Two seconds when left out. */
  looksEveryMs?: number;
  /** Before its first effect; any problem stops the run and this stage has touched nothing. */
  requires(world: Pick<World, A>, plan: Plan): readonly Problem[];
  /** What a person should know before its first effect, told once; nothing of it stops the run. */
  tells?(world: Pick<World, A>, plan: Plan): readonly Finding[];
  /** What to start now; nothing while waiting. */
  effects(world: Pick<World, A>, plan: Plan): readonly Effect[];
  /** What is still not true; nothing means done. Also the progress line and the evidence. */
  missing(world: Pick<World, A>, plan: Plan): readonly Shortfall[];
  /** What others must do before this stage goes on. While there is anything, standing still is no sign of being stuck. */
  awaits?(world: Pick<World, A>, plan: Plan): readonly Awaited[];
  /**
   * Workloads that waiting will not move, each with its problem, whose only object is the id of the workload. The walk tells them and
   * waits for them no more. In a rollback, a stage with this answer also sets aside a workload whose restart is refused, and one that
   * does not move for the whole rollout timeout.
   */
  setsAside?(world: Pick<World, A>, plan: Plan): readonly Problem[];
  /** Signs that waiting will not help. */
  broken?(world: Pick<World, A>, plan: Plan): readonly Problem[];
  /** Findings that do not block, for the log and the report; told when the stage is done. */
  notices?(world: Pick<World, A>, plan: Plan): readonly Finding[];
  /** One line of what was proven, for the log and the report. */
  proof?(world: Pick<World, A>, plan: Plan): string;
}

/** Something that is not yet as it should be, in words: `what` is `is`, and should be `wants`. */
export interface Shortfall {
  what: string;
  is: string;
  /** Left out where `is` says it already, such as `still uses 1-30-4`. */
  wants?: string;
  /** Something else bounds this wait (the longest bake, the soak), so standing still is no sign of being stuck. */
  endsByItself?: true;
}

/** Keeps each stage's own aspects in its signatures, and lets the engine treat all of them alike. */
export function defineStage<const A extends Aspect>(
  stage: Omit<Stage<A>, 'number' | 'name' | 'title'> & Partial<Pick<Stage, 'name' | 'title'>>,
): Stage {
  return { name: stage.step, title: titleOf(stage.step), ...stage, number: numberOf(stage.step) } as unknown as Stage;
}

export function shortfall(what: string, is: string | undefined, wants?: string): Shortfall {
  return { what, is: is ?? 'nothing', ...(wants === undefined ? {} : { wants }) };
}

/** `Service of tag default: 1-30-4, expected 1-31-0` */
export function describeShortfall({ what, is, wants }: Shortfall): string {
  return `${what}: ${is}${wants === undefined ? '' : `, expected ${wants}`}`;
}
