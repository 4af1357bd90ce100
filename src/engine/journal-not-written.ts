import { defineFinding } from '../model/finding.ts';

export const JournalNotWritten = defineFinding({
  code: 'JOURNAL_NOT_WRITTEN',
  severity: 'blocks',
  title: 'The rollback is made, and the journal does not say so.',
  cause:
    'The API server refused to write the ConfigMap of the journal: a missing right, an admission policy, its size, or another client that changes it. A rollback does not wait for that.',
  fix: 'Repair what refuses the ConfigMap, then run `rollback` again: it finds the work done and records it. Until then, do not run `upgrade`: it would continue the upgrade that was rolled back.',
  blames: 'surroundings',
});
