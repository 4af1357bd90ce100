import { defineFinding } from '../model/finding.ts';
import { defineError } from '../model/upgrade-error.ts';

export const AbortAsked = defineFinding({
  code: 'ABORT_ASKED',
  severity: 'blocks',
  title: 'A person asked the run to abort the upgrade.',
  cause:
    'The command `abort` was run. If the tag has moved, the run rolls back, whatever `on` in the config says. Before, it stops; while the old istiod is being removed, it holds.',
  fix: 'Nothing needs to be done. To upgrade again, run `upgrade`.',
  blames: 'person',
  leadsBack: true,
});

export const NoRunToAsk = defineError({
  code: 'NO_RUN_TO_ASK',
  title: 'No run is under way that could be asked.',
  cause: '`pause` and `abort` ask the run that holds the lock of the tag. No run holds it.',
  message: (tag: string, verb: string) => `No run holds the lock of tag "${tag}", so none can be asked to ${verb}.`,
  hint: '`istio-canary-upgrade status` shows where the upgrade is. Without a run nothing is begun; `rollback` rolls the upgrade back.',
  actor: 'mesh operator',
  state: 'Nothing was changed.',
  exit: 'blocked',
  blames: 'person',
});

export const NothingPaused = defineError({
  code: 'NOTHING_PAUSED',
  title: 'Nothing is paused.',
  cause: '`resume` ends a `pause`. None was asked for, or a rollback has ended it.',
  message: (tag: string) => `No pause is asked for tag "${tag}".`,
  hint: '`istio-canary-upgrade status` shows where the upgrade is. A run that ended is continued by `upgrade`.',
  actor: 'mesh operator',
  state: 'Nothing was changed.',
  exit: 'blocked',
  blames: 'person',
});

export const RequestNotWritten = defineError({
  code: 'REQUEST_NOT_WRITTEN',
  title: 'The request could not be left in the lock.',
  cause: 'Other clients wrote the Lease of the lock at the same moment, several times.',
  message: (tag: string, verb: string) =>
    `The request to ${verb} could not be written into the Lease of tag "${tag}": another client was faster each time.`,
  hint: 'Run the command again.',
  actor: 'mesh operator',
  state: 'Nothing was asked, and the run goes on.',
  exit: 'unreachable',
  blames: 'surroundings',
});
