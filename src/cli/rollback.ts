import { exitCodes, type Outcome, type OutcomeKind } from '../engine/outcome.ts';
import { removeNew, rollBack } from '../engine/roll-back.ts';
import type { Run } from '../engine/run.ts';
import { runVerb } from './run-verb.ts';
import type { CliOptions, Terminal } from './terminal.ts';

/** `rollback`: the way back; needs nothing but the tag. Who asked for it has got what was asked: exit code 0. */
export async function rollbackCommand(options: CliOptions, terminal: Terminal): Promise<number> {
  return await runVerb(options, terminal, ({ run }) => goBack(run, options.removeNew === true), exitCodeOf);
}

async function goBack(run: Run, removesNew: boolean): Promise<Outcome> {
  if (!removesNew) return await rollBack(run);
  const journal = await run.journal.load();
  if (journal?.state === 'rolled-back') return await removeNew(run);
  const outcome = await rollBack(run);
  return outcome.kind === 'rolled-back' ? await removeNew(run) : outcome;
}

const exitCodeOf = (kind: OutcomeKind): number => (kind === 'rolled-back' ? 0 : exitCodes[kind].code);
