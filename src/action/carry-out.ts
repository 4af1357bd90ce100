import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TimedEvent } from '../model/events.ts';
import { messageOf } from '../model/upgrade-error.ts';
import { oneEntry } from '../report/neutralise.ts';
import { reportText } from '../report/report-text.ts';
import type { RunReport } from '../report/run-report.ts';
import { writeMetrics } from '../report/write-metrics.ts';
import { type VerbName, verbs } from '../verbs/index.ts';
import { commandText, type VerbOptions } from '../verbs/options.ts';
import type { Ended } from '../verbs/verb.ts';
import { deploymentsFor } from './deployments.ts';
import { type Environment, runMarker } from './environment.ts';
import { interruptionOf } from './interruption.ts';
import { logTeller } from './log-teller.ts';
import { notifierFor } from './notify.ts';
import type { Step } from './step.ts';
import { spokenOptions, verbEnvironment } from './verb-options.ts';
import { writeWhole } from './write-whole.ts';

export interface Carried {
  verb: VerbName;
  options: VerbOptions;
  runId: string;
  /** The run that this one finalizes, whose thread of notifications it continues; its own id when left out. */
  ends?: string;
  /** In the summary's first line. */
  name: string;
  /** Where the report goes. */
  folder: string;
  /** The step ends by itself after this time, before the runner ends it. */
  budgetMs?: number;
}

/** Carries out one verb in a step. Log, summary, report and outputs are written in every case, also after an error. */
export async function carryOut(
  step: Step,
  host: NodeJS.Process,
  { verb, options, runId, ends = runId, name, folder, budgetMs }: Carried,
): Promise<Ended> {
  const { log, summary, put } = step;
  const reportFile = join(folder, `${verb}.json`);
  const keep = (report: RunReport) => {
    if (summary.report === undefined) {
      mkdirSync(folder, { recursive: true });
      put({ report: reportFile });
    }
    summary.remember(report);
    writeWhole(reportFile, reportText(reportFile, report));
  };
  const interruption = interruptionOf(host, {
    log: (text) => log.line(text),
    lastWords: () => {
      const report = summary.report;
      const message = 'The process was ended before the writes in flight were finished.';
      const next = command('upgrade');
      summary.show({
        command: name,
        ended: { kind: 'interrupted', message, next },
        findings: [],
        lines: [],
        ...(report === undefined ? {} : { report }),
      });
      put({ outcome: 'interrupted', stage: report?.stages.at(-1)?.name ?? '', 'next-command': next });
    },
  });
  const command = (asked: string) => commandText(asked, spokenOptions(options, step.inputs));
  const say = logTeller(log);
  const listeners = [notifierFor(step, { id: ends, where: logOf(step.env) }, `${folder}.thread`), deploymentsFor(step)];
  const signals = [interruption.signal, ...(budgetMs === undefined ? [] : [AbortSignal.timeout(budgetMs)])];
  try {
    const ended = await verbs[verb].run(options, {
      receive: (event, soFar) => {
        say(event);
        for (const listener of listeners) listener.receive(event);
        if (!isTurn(event)) return;
        const report = soFar();
        keep(report);
        summary.show({ command: name, findings: [], report, lines: [] });
      },
      keep: (report) => {
        keep(report);
        const page = join(folder, `${verb}.html`);
        writeFileSync(page, reportText(page, report));
      },
      env: { ...verbEnvironment(step.inputs, step.env), [runMarker]: runId },
      signal: AbortSignal.any(signals),
      runId,
      where: logOf(step.env),
      command,
    });
    tellEnd(step, ended);
    summary.show({
      command: name,
      ended: ended.outcome,
      findings: ended.findings,
      // The findings of a check are listed separately.
      lines: verb === 'check' ? [] : ended.lines,
      ...(ended.report === undefined ? {} : { report: ended.report }),
      ...(ended.cluster === undefined ? {} : { cluster: ended.cluster }),
    });
    return ended;
  } finally {
    interruption.close();
    await keepMetrics(step);
    await Promise.all(listeners.map((listener) => listener.settle()));
  }
}

/** A failure to write metrics must not fail the run. */
async function keepMetrics({ inputs, summary: { report }, log }: Step): Promise<void> {
  if (inputs.metrics === undefined || report === undefined) return;
  try {
    await writeMetrics(inputs.metrics, report);
  } catch (failure) {
    log.annotate('warning', 'No metrics', `${inputs.metrics} cannot be written: ${messageOf(failure)}`);
  }
}

/** When the summary is worth writing again. */
const isTurn = ({ kind }: TimedEvent): boolean =>
  kind === 'stage-started' || kind === 'stage-done' || kind === 'verdict' || kind === 'problem';

function tellEnd({ log }: Step, { outcome, lines, findings, exitCode, report }: Ended): void {
  log.endGroup();
  for (const line of lines) log.line(oneEntry(line));
  // The problems of a run were annotated while it ran.
  if (report === undefined)
    for (const { severity, code, message } of findings)
      if (severity !== 'notes') log.annotate(severity === 'blocks' ? 'error' : 'warning', code, message);
  const level =
    exitCode === 0 ? 'notice' : outcome.kind === 'interrupted' || outcome.kind === 'waiting' ? 'warning' : 'error';
  log.conclude(level, `istio-canary-upgrade: ${outcome.kind}`, outcome.message);
}

/** The page of this attempt, also on GitHub Enterprise; unknown parts are left out. */
function logOf({ GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT = '1' }: Environment): string {
  if (GITHUB_RUN_ID === undefined) return 'an Action outside GitHub';
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}/attempts/${GITHUB_RUN_ATTEMPT}`;
}
