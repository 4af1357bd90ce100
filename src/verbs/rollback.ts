import { removeNew, rollBack } from '../engine/roll-back.ts';
import type { Run } from '../engine/run.ts';
import { type Outcome, outcomes } from '../model/outcome.ts';
import { changingVerb } from './changing-verb.ts';
import { connectAnyway } from './connect.ts';

/** `rollback`: needs nothing but the tag. It was asked for, so that its success is exit code 0. */
export const rollbackVerb = changingVerb(connectAnyway, ({ run }, options) => goBack(run, options.removeNew === true), {
  scopeOf: ({ removeNew }) => (removeNew === true ? 'upgrade' : 'rollback'),
  exitCodeOf: (kind) => (kind === 'rolled-back' ? 0 : outcomes[kind].exitCode),
});

async function goBack(run: Run, removesNew: boolean): Promise<Outcome> {
  if (!removesNew) return await rollBack(run);
  const journal = await run.journal.load();
  if (journal?.state === 'rolled-back') return await removeNew(run);
  const outcome = await rollBack(run);
  return outcome.kind === 'rolled-back' ? await removeNew(run) : outcome;
}
