import type { TimedEvent } from '../model/events.ts';
import { oneEntry } from '../report/neutralise.ts';
import { quietWaits } from '../report/quiet-waits.ts';
import { runLines } from '../report/run-lines.ts';
import type { Log } from './log.ts';

/** Writes a run to the log of a job: a group for each stage, and outside of the groups what a person must see at once. */
export function logTeller(log: Log): (event: TimedEvent) => void {
  let since: number | undefined;
  const isWorthALine = quietWaits();
  const linesOf = runLines();
  return (event) => {
    since ??= event.at;
    log.debug(() => JSON.stringify(event));
    if (event.kind === 'waiting' && !isWorthALine(event)) return;
    if (event.kind === 'stage-started') log.group(`${event.number} ${event.title}`);
    if (isHeadline(event)) log.endGroup();
    for (const line of linesOf(event, since)) log.line(oneEntry(line));
    if (event.kind === 'problem') log.annotate('error', event.problem.code, event.problem.message);
    if (event.kind === 'findings')
      for (const { severity, code, message } of event.findings)
        if (severity === 'warns') log.annotate('warning', code, message);
  };
}

/** A collapsed group would hide these. */
const isHeadline = ({ kind }: TimedEvent): boolean =>
  kind === 'run-started' || kind === 'stage-done' || kind === 'verdict' || kind === 'problem' || kind === 'run-ended';
