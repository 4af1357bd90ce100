import { defineFinding } from '../model/finding.ts';

/** Why a run holds or rolls back without a problem of the mesh; the journal records the code. */
export const Asked = defineFinding({
  code: 'ASKED',
  severity: 'notes',
  title: 'A person asked for the rollback.',
  cause: 'The command `rollback` was run.',
  fix: 'Nothing needs to be done.',
  blames: 'person',
});

export const Interrupted = defineFinding({
  code: 'INTERRUPTED',
  severity: 'notes',
  title: 'The run was interrupted.',
  cause: 'A signal ended it (Ctrl-C, a cancelled job). Nothing was in flight when it ended.',
  fix: 'Run it again: it resumes from the actual state of the cluster.',
  blames: 'person',
});

export const TimedOut = defineFinding({
  code: 'TIMED_OUT',
  severity: 'notes',
  title: 'The time given by --timeout was up before the run had reached its goal.',
  cause:
    'The run starts nothing more after this time. It holds where it was; that is no failure, and leads to no rollback.',
  fix: 'Run it again: it resumes from the actual state of the cluster. Give it more time.',
  blames: 'person',
});

export const AwaitsOthers = defineFinding({
  code: 'AWAITS_OTHERS',
  severity: 'notes',
  title: 'The run ended while it waited for another tool or a person.',
  cause:
    'mesh.installer is external, in the config or by the marks on the old istiod, and the istiod that stage 2 or 8 needs was not installed or removed within pace.externalTimeout. Nothing is wrong.',
  fix: 'Make the change that the message names, then run again: the run resumes from the state of the cluster. A schedule may run it again.',
  blames: 'person',
});

export const SurroundingsAway = defineFinding({
  code: 'SURROUNDINGS_AWAY',
  severity: 'notes',
  title: 'The run ended because its surroundings did not answer.',
  cause:
    'The API server or another service did not answer for `pace.patience`. The release is not the cause, so the upgrade holds.',
  fix: 'Run it again when they answer: it resumes from the actual state of the cluster.',
  blames: 'surroundings',
});

export const Cancelled = defineFinding({
  code: 'CANCELLED',
  severity: 'notes',
  title: 'The workflow run was cancelled.',
  cause:
    'A person or a newer run cancelled the job; `on.cancel` in the config says whether the upgrade is then rolled back.',
  fix: 'Run it again to resume, or roll back.',
  blames: 'person',
});

export const RunFailed = defineFinding({
  code: 'RUN_FAILED',
  severity: 'notes',
  title: 'The run died before its goal.',
  cause:
    'The process or its runner was killed, or the run ended by an error; `on.failure` in the config says whether the upgrade is then rolled back.',
  fix: 'Run it again to resume, or roll back. If it ended by an error, read the section of that error.',
  blames: 'surroundings',
});
