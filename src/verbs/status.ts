import { statusOf } from '../engine/status.ts';
import { nextAfter, renderStatus, statusVerdict } from '../report/render-status.ts';
import { connectAnyway } from './connect.ts';
import { emitTo, outcomeOf, type Verb } from './verb.ts';

/** `status`: needs nothing but a kubeconfig. */
export const statusVerb: Verb = async (options, caller) => {
  const { run, close, name, istioNamespace } = await connectAnyway(options, caller, 'look', emitTo(caller));
  try {
    const status = await statusOf(run, istioNamespace);
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
