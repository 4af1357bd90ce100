import type { ProcessRunner } from '../../../src/istioctl/process-runner.ts';
import type { Transport } from '../../../src/kubernetes/transport.ts';
import type { Clock } from '../../../src/model/clock.ts';
import type { Sim } from '../../rehearsal/sim/create-sim.ts';
import type { Task } from './task.ts';

/** Whatever upgrades the mesh and is to be judged: the product, or a script. It is judged by what it does to the world. */
export interface Contender {
  name: string;
  /** One attempt by one process. An attempt that ended before its goal is followed by another, under another run id. */
  start(sim: Sim, options: AttemptOptions): Promise<Attempt>;
}

interface AttemptOptions {
  runId: string;
  task: Task;
  /** The only way to the cluster: what goes through it is attributed to this attempt, disturbed, and cut off by a kill. */
  connection: Connection;
  tell: (event: ContenderEvent) => void;
  /** Of the machine that it runs on; the simulator's when left out. It may be off. */
  clock?: Clock;
}

/** Through which an attempt reaches the API server and runs istioctl. */
export interface Connection {
  transport: Transport;
  istioctl(version: string): ProcessRunner;
}

/** What a contender says while it runs. Only what an invariant needs. */
export type ContenderEvent =
  | { kind: 'verdict'; wave: string; verdict: 'pass' | 'fail' | 'hold' | 'inconclusive' }
  | { kind: 'words'; text: string };

export interface Attempt {
  /** Resolves with what it says of its own end; rejects only when the contender itself is broken. Pending for ever after a kill. */
  done: Promise<Claim>;
  /** SIGKILL. Its connection is cut as well. */
  kill(): void;
  /** SIGINT. A script that does not care dies of it. */
  interrupt(): void;
}

/** What an attempt says of its end. A script that exits with 0 says `completed`, or `rolled-back` when it took its rollback branch. */
export interface Claim {
  end: 'completed' | 'rolled-back' | 'unfinished';
  /** Its own words, for the story of a failure: `held: GATE_INCONCLUSIVE`, `exit code 1`. */
  words: string;
  /** The revision that it says the tag names. */
  tag?: string;
  /** After a rollback that could not be finished: everything that it names. */
  names?: readonly string[];
  /** How many mesh pods it says run each revision. */
  pods?: Readonly<Record<string, number>>;
}
