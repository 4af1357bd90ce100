import { removeNew, rollBack } from '../engine/roll-back.ts';
import { runVerb } from './run-verb.ts';
import type { CliOptions, Terminal } from './terminal.ts';

/** `rollback`: the way back; needs nothing but the tag. */
export async function rollbackCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  return await runVerb(options, terminal, async ({ run }) => {
    if (options.removeNew !== true) return await rollBack(run);
    const journal = await run.journal.load();
    if (journal?.state === 'rolled-back') return await removeNew(run);
    const outcome = await rollBack(run);
    return outcome.kind === 'rolled-back' ? await removeNew(run) : outcome;
  });
}
