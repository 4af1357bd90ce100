import type { Scope } from '../checks/rights.ts';
import { nameFailure } from '../kubernetes/name-failure.ts';
import type { TimedEvent } from '../model/events.ts';
import { type Outcome, type OutcomeKind, outcomes } from '../model/outcome.ts';
import { ReportWriter } from '../report/run-report.ts';
import type { Connect, Connected } from './connect.ts';
import type { VerbOptions } from './options.ts';
import type { Verb } from './verb.ts';

interface Ways {
  /** The rights that a user of the verb has at least. */
  scopeOf?: (options: VerbOptions) => Scope;
  exitCodeOf?: (kind: OutcomeKind) => number;
}

/** What the verbs that change something have in common: they emit events while they work, and leave a report whatever happens. */
export function changingVerb<O extends VerbOptions, C>(
  connect: Connect<O, C>,
  work: (connected: Connected<C>, options: O) => Promise<Outcome>,
  { scopeOf = () => 'upgrade', exitCodeOf = (kind) => outcomes[kind].exitCode }: Ways = {},
): Verb<O> {
  return async (options, caller) => {
    let connected: Connected<C> | undefined;
    const report = new ReportWriter(() => connected?.cluster.requests ?? {});
    let saysHowItEnded = false;
    const soFar = (outcome?: Outcome) => report.write(outcome, connected?.run.journal.peek(), Date.now());
    try {
      connected = await connect(options, caller, scopeOf(options), (event) => {
        const told: TimedEvent = { ...event, at: Date.now() };
        report.receive(told);
        saysHowItEnded ||= event.kind === 'run-ended';
        caller.receive(told, soFar);
      });
      const outcome = await work(connected, options);
      const ended = soFar(outcome);
      caller.keep(ended);
      return {
        exitCode: exitCodeOf(outcome.kind),
        outcome,
        // Who had nothing to do began no run that could end.
        lines: saysHowItEnded ? [] : [outcome.message],
        document: ended,
        findings: outcome.problems,
        report: ended,
        cluster: connected.name,
      };
    } catch (failure) {
      // What happened until then is worth reading, above all when its end is not known.
      caller.keep({ ...soFar(), error: nameFailure(failure) });
      throw failure;
    } finally {
      await connected?.close();
    }
  };
}
