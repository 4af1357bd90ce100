import { renderSummary, type SummaryFacts } from '../report/render-summary.ts';
import type { RunReport } from '../report/run-report.ts';
import { hideSecretsIn } from '../secrecy/hide-secrets.ts';
import type { Failure } from '../verbs/describe-failure.ts';
import { writeWhole } from './write-whole.ts';

/**
 * The summary of a step. It is written again at every turn of a run, so that a killed run leaves a summary of what it had done
 * until then: the runner uploads the file however the step ends.
 */
export class StepSummary {
  readonly #file: string | undefined;
  #report: RunReport | undefined;

  constructor(file: string | undefined) {
    this.#file = file;
  }

  /** The report of the run until now. */
  get report(): RunReport | undefined {
    return this.#report;
  }

  show(facts: SummaryFacts): void {
    this.#report = facts.report ?? this.#report;
    // Outside of a runner there is no summary.
    if (this.#file !== undefined) writeWhole(this.#file, renderSummary(hideSecretsIn(facts)));
  }

  /** Keeps the report, which may be shown later. */
  remember(report: RunReport): void {
    this.#report = report;
  }

  fail(command: string, failure: Failure): void {
    const { kind, message } = failure;
    const report = this.#report;
    this.show({
      command: command === '' ? 'istio-canary-upgrade' : command,
      ended: { kind, message, next: '' },
      failure,
      findings: [],
      lines: [],
      ...(report === undefined ? {} : { report }),
    });
  }
}
