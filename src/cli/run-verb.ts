import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { describeCluster } from '../model/cluster-name.ts';
import { messageOf } from '../model/upgrade-error.ts';
import { consoleTeller } from '../report/console-teller.ts';
import { jsonText } from '../report/json-text.ts';
import { oneEntry } from '../report/neutralise.ts';
import { reportText } from '../report/report-text.ts';
import type { RunReport } from '../report/run-report.ts';
import { writeMetrics } from '../report/write-metrics.ts';
import { hideSecrets, hideSecretsIn } from '../secrecy/hide-secrets.ts';
import { type VerbName, verbs } from '../verbs/index.ts';
import { commandText, type VerbOptions } from '../verbs/options.ts';
import type { Terminal } from './terminal.ts';

export interface CliOptions extends VerbOptions {
  output: 'text' | 'json';
  report?: string;
  metrics?: string;
  /** A line for every restart. */
  verbose?: boolean;
  /** Write without asking. */
  yes?: boolean;
}

/** One verb on a terminal: progress on stderr, the result on stdout, a report in a file, an exit code. */
export async function runVerb(name: VerbName, options: CliOptions, terminal: Terminal): Promise<number> {
  const verb = verbs[name];
  const ask = verb.asks === true && options.yes !== true ? terminal.ask : undefined;
  const screen = consoleTeller({
    write: terminal.log,
    isTTY: terminal.isTTY,
    columns: terminal.columns,
    verbose: options.verbose === true,
  });
  let last: RunReport | undefined;
  try {
    const { exitCode, lines, document } = await verb.run(options, {
      receive: (event) => screen.receive(event),
      keep: (report) => {
        last = report;
        if (options.report !== undefined) writeFileSync(options.report, reportText(options.report, report));
      },
      env: terminal.env,
      signal: terminal.signal,
      runId: randomBytes(4).toString('hex'),
      where: `${userInfo().username}@${hostname()}, process ${process.pid}`,
      show: shown(terminal),
      ...(ask && {
        confirm: async (cluster, tag) => {
          const question = `${name}: tag ${tag} in cluster ${describeCluster(cluster)}. Go on? [y/N] `;
          return /^y(es)?$/i.test((await ask(`${oneEntry(hideSecrets(question))} `)).trim());
        },
      }),
      ...(terminal.ask !== undefined &&
        options.yes !== true && {
          ask: (question) => terminal.ask?.(`${oneEntry(hideSecrets(question))} `) ?? Promise.resolve(''),
        }),
      command: (next) => commandText(next, options),
    });
    if (options.output === 'json') terminal.out(jsonText(hideSecretsIn(document)));
    else if (lines.length > 0) terminal.out(lines.map((line) => oneEntry(hideSecrets(line))).join('\n'));
    return exitCode;
  } finally {
    screen.close();
    if (options.metrics !== undefined && last !== undefined) await keepMetrics(options.metrics, last, terminal);
  }
}

/** A terminal shows the newest state alone; a log gets each one that differs from the one before. */
function shown({ isTTY, columns, log }: Terminal): (lines: readonly string[]) => void {
  let last = '';
  return (lines) => {
    const safe = lines.map((line) => oneEntry(hideSecrets(line)));
    const text = (isTTY ? safe.map((line) => cut(line, columns)) : safe).join('\n');
    if (isTTY) log(`\u001b[H\u001b[2J${text}\n`);
    else if (text !== last) log(`${text}\n\n`);
    last = text;
  };
}

const cut = (line: string, columns: number): string =>
  line.length < columns ? line : `${line.slice(0, Math.max(20, columns - 2)).toWellFormed()}…`;

/** A failure to write metrics must not change the result of the run. */
async function keepMetrics(file: string, report: RunReport, { log }: Terminal): Promise<void> {
  try {
    await writeMetrics(file, report);
  } catch (failure) {
    log(`! The metrics cannot be written: ${oneEntry(hideSecrets(messageOf(failure)))}\n`);
  }
}
