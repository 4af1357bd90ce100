import type { ClusterName } from '../model/cluster-name.ts';
import type { TimedEvent } from '../model/events.ts';
import type { RunReport } from '../report/run-report.ts';

/** What a verb sees of its caller: the command line or the Action. */
export interface Caller {
  /** TimedEvent at once. `soFar` makes the report of what happened until now. */
  receive(event: TimedEvent, soFar: () => RunReport): void;
  /** The report of a run that ended, also by an error. */
  keep(report: RunReport): void;
  env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the run is asked to end: what is in flight settles, nothing is started. */
  signal: AbortSignal;
  /** Names this run in the journal and as the holder of the lock. */
  runId: string;
  /** Where its log is, for the run that finds the lock held: a URL, or a user and a machine. */
  where: string;
  /** Asks a person before the first write; left out without a terminal. */
  confirm?(cluster: ClusterName, tag: string): Promise<boolean>;
  /** One question to a person, and the answer, which may be empty; left out without a terminal, and with `--yes`. */
  ask?(question: string): Promise<string>;
  /** Shows a state that replaces the one before; left out: it is not shown. */
  show?(lines: readonly string[]): void;
  /** How a person asks for a verb with this run's options. */
  command(verb: string): string;
}
