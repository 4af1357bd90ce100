import type { Sim } from '../../../rehearsal/sim/create-sim.ts';
import type { Claim, ContenderEvent } from '../contender.ts';
import type { Task } from '../task.ts';
import type { Writers } from '../writers.ts';

export type InvariantId = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11' | 'I12';

/** What must hold whatever goes wrong. It looks at the world and at who wrote what, never at a contender's own records. */
export interface Invariant {
  id: InvariantId;
  title: string;
  /** Begins to look at a mesh; calls `broken` at the moment at which it does not hold. */
  watch(court: Court): Hooks;
}

interface Court {
  sim: Sim;
  task: Task;
  writers: Writers;
  conditions: Conditions;
  broken: (what: string) => void;
}

/** What a fault has broken in the world; a contender is not blamed for it. */
export interface Conditions {
  /** The new release fails requests in the canary from its first proxy on. */
  badRelease: boolean;
  /** Something was wrong with the release, or looked like it: a rollback is allowed. */
  mayBlameRelease: boolean;
  /** When a writer that is not a contender last wrote to a tag, a template or a scale, in Unix milliseconds, by object. */
  foreignWrites: Map<string, number>;
}

export interface Hooks {
  /** After every event of the simulation. */
  afterEvent?(): void;
  attemptBegan?(runId: string): void;
  heard?(runId: string, event: ContenderEvent): void;
  /** With what it claims, in the moment in which it does; `undefined` for one that was killed or did not end. */
  attemptEnded?(runId: string, claim: Claim | 'killed' | 'endless'): void;
}
