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
  title: 'The run was interrupted, or its time was up.',
  cause: 'A signal (Ctrl-C, a cancelled job) or --timeout ended it. Nothing was in flight when it ended.',
  fix: 'Run it again: it resumes from the actual state of the cluster.',
  blames: 'person',
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
