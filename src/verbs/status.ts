import { statusOf } from '../engine/status.ts';
import { nextAfter, renderStatus, statusVerdict } from '../report/render-status.ts';
import { connectAnyway } from './connect.ts';
import { emitTo, outcomeOf, type Verb } from './verb.ts';

const watchEveryMs = 2_000;

/** `status`: needs nothing but a kubeconfig. */
export const statusVerb: Verb = async (options, caller) => {
  const { run, close, name, istioNamespace } = await connectAnyway(options, caller, 'look', emitTo(caller));
  try {
    let status = await statusOf(run, istioNamespace);
    while (options.watch === true && status.lock !== undefined && !run.signal.aborted) {
      caller.show?.(renderStatus(status, run.command));
      // An interruption ends the wait, and with it the watch.
      await run.clock.sleep(watchEveryMs, run.signal).catch(() => undefined);
      status = await statusOf(run, istioNamespace);
    }
    return {
      exitCode: 0,
      outcome: outcomeOf({
        kind: 'completed',
        message: statusVerdict(status),
        revision: status.tag.revision ?? '',
        next: nextAfter(status, run.command),
      }),
      lines: renderStatus(status, run.command),
      document: { cluster: name, ...status },
      findings: [],
      cluster: name,
    };
  } finally {
    await close();
  }
};
