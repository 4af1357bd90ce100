import type { Checked } from '../model/checked.ts';
import type { ClusterName } from '../model/cluster-name.ts';
import type { Emit } from '../model/events.ts';
import type { Finding } from '../model/finding.ts';
import type { Outcome } from '../model/outcome.ts';
import { ReportWriter, type RunReport } from '../report/run-report.ts';
import type { Caller } from './caller.ts';
import type { VerbOptions } from './options.ts';

/** What a verb has to show for itself. */
export interface Ended {
  exitCode: number;
  outcome: Outcome;
  /** For people; empty when everything has been told while it happened. */
  lines: readonly string[];
  /** For machines. */
  document: object;
  /** Also those that do not block. */
  findings: readonly Finding[];
  /** Left out by verbs that contact none. */
  cluster?: ClusterName;
  /** Of `check`, and of an upgrade's dry run. */
  checked?: Checked;
  /** Of verbs that change something. */
  report?: RunReport;
}

/** @throws UpgradeError, or whatever went wrong; `describeFailure` gives it a code */
export type Verb<O extends VerbOptions = VerbOptions> = (options: O, caller: Caller) => Promise<Ended>;

/** The events of a verb that leaves no report. */
export function emitTo(caller: Caller): Emit {
  const report = new ReportWriter(() => ({}));
  return (event) => caller.receive({ ...event, at: Date.now() }, () => report.write(undefined, undefined, Date.now()));
}

/** The outcome of a verb that only looks. */
export function outcomeOf(facts: Pick<Outcome, 'kind' | 'message'> & Partial<Outcome>): Outcome {
  return { stage: '', wave: '', verdict: '', revision: '', problems: [], reason: '', next: '', ...facts };
}
