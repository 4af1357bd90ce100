import { writeFileSync } from 'node:fs';
import { exitCodes, type Outcome, type OutcomeKind } from '../engine/outcome.ts';
import { consoleTeller } from '../report/console-teller.ts';
import type { Told } from '../report/events.ts';
import { ReportWriter } from '../report/run-report.ts';
import { type Connected, connect } from './connect.ts';
import { nameFailure } from './name-failure.ts';
import type { CliOptions, Terminal } from './terminal.ts';

/** What the verbs that change something have in common: progress on stderr, the outcome on stdout, a report, an exit code. */
export async function runVerb(
  options: CliOptions,
  terminal: Terminal,
  work: (connected: Connected) => Promise<Outcome>,
  exitCodeOf: (kind: OutcomeKind) => number = (kind) => exitCodes[kind].code,
): Promise<number> {
  const screen = consoleTeller({ write: terminal.log, isTTY: terminal.isTTY, columns: terminal.columns });
  let connected: Connected | undefined;
  const report = new ReportWriter(() => connected?.cluster.requests ?? {});
  try {
    connected = await connect(
      options,
      terminal,
      (event) => {
        const told: Told = { ...event, at: Date.now() };
        report.tell(told);
        screen.tell(told);
      },
      'upgrade',
    );
    const outcome = await work(connected);
    const ended = report.write(outcome, connected.run.journal.peek()?.plan, Date.now());
    save(ended, options);
    if (options.output === 'json') terminal.out(JSON.stringify(ended, null, 2));
    return exitCodeOf(outcome.kind);
  } catch (failure) {
    // What happened until then is worth reading, above all when nobody knows how it ended.
    save(
      { ...report.write(undefined, connected?.run.journal.peek()?.plan, Date.now()), error: nameFailure(failure) },
      options,
    );
    throw failure;
  } finally {
    screen.close();
    await connected?.close();
  }
}

function save(report: object, options: CliOptions): void {
  if (options.report !== undefined) writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
}
