import type { Awaited } from './awaited.ts';
import type { ClusterName } from './cluster-name.ts';
import type { Effect } from './effect.ts';
import type { JudgedEvidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { Direction } from './plan.ts';
import type { StageNumber, StepName } from './procedure.ts';
import type { RestartCount } from './restart-count.ts';
import type { Shortfall } from './stage.ts';

/** What a run emits while it works; the log, the summary and the report are made of these. */
export type RunEvent =
  /** First of all: which cluster is asked. Nothing was sent to it yet. */
  | { kind: 'connected'; cluster: ClusterName }
  | { kind: 'run-started'; title: string; direction: Direction; runId: string; resumed: boolean }
  /** Namespaces joined, left or changed their wave since the plan was written last: `namespace shop joined wave rest`. */
  | { kind: 'namespaces-moved'; moves: readonly string[] }
  | { kind: 'stage-started'; step: StepName; number: StageNumber; name: string; title: string }
  | {
      kind: 'stage-done';
      step: StepName;
      number: StageNumber;
      name: string;
      title: string;
      proof: string;
      untouched: boolean;
    }
  | { kind: 'waiting'; number: StageNumber; shortfalls: readonly Shortfall[]; sinceMs: number }
  /** What others must do before the stage goes on; the run waits for it for `forMs`. */
  | { kind: 'awaiting'; number: StageNumber; awaited: readonly Awaited[]; forMs: number }
  /** Live mesh pods by revision and restarts when their number has changed, and the gate's judgements when they are new. */
  | {
      kind: 'snapshot';
      number: StageNumber;
      pods?: Readonly<Record<string, number>>;
      judged: readonly JudgedEvidence[];
      restarts?: RestartCount;
    }
  /** `text` is the effect in one line; a note changes only our own journal. */
  | { kind: 'effect-started'; effect: Effect; text: string; isNote: boolean }
  | { kind: 'effect-done'; effect: Effect; text: string }
  | { kind: 'effect-failed'; effect: Effect; text: string; message: string }
  | { kind: 'verdict'; wave: string; judged: JudgedEvidence }
  | { kind: 'findings'; findings: readonly Finding[] }
  | { kind: 'problem'; number: StageNumber; name: string; problem: Finding; decision: string }
  /** A workload that was set aside is as it should be now. */
  | { kind: 'recovered'; number: StageNumber; workload: string }
  /** Another run has the lock; what follows depends on whether it lives. */
  | { kind: 'lock-held'; tag: string; holder: { id: string; where: string; since: string }; endsAfterMs: number }
  /** A person asked for a pause, or ended it. */
  | { kind: 'paused'; by: string }
  | { kind: 'resumed' }
  | { kind: 'lock-not-renewed'; lock: string; failure: unknown }
  | { kind: 'lock-left'; lock: string; endsAfterMs: number; failure: unknown }
  | { kind: 'run-ended'; outcome: string; message: string; next: string };

/** An event with when it happened, Unix milliseconds of the machine that runs us. */
export type TimedEvent = RunEvent & { at: number };

export type Emit = (event: RunEvent) => void;
