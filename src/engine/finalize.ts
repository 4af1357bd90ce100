import type { Config } from '../config/config.ts';
import type { Journal } from '../model/journal.ts';
import type { Outcome } from '../model/outcome.ts';
import { nextWhenHeld } from './next-when-held.ts';
import { wayBack } from './roll-back.ts';
import { look, note, outcome, type Run } from './run.ts';
import { phaseOf, phases } from './which-way.ts';

export interface Unfinished {
  /** `cancelled`: somebody ended the run. `failed`: it died, or could not go on. */
  after: 'cancelled' | 'failed';
  /** Only if this run was the last to write the journal; left out: whoever it was. */
  writer?: string;
}

/**
 * `finalize`: what remains to be done after a run that was cancelled or died, by policy. That run has ended, and so its
 * lock is taken at once, with a higher epoch: whatever of it still lives can write no more.
 */
export async function finalize(run: Run, policy: Config['on'], unfinished: Unfinished): Promise<Outcome> {
  const { writer } = unfinished;
  const seen = await run.journal.load();
  if (seen === undefined) return nothing('No upgrade is under way.');
  // That run has ended without a trace; who writes now is alive, or has its own finalize.
  if (writer !== undefined && seen.writer !== writer)
    return nothing(`Run ${writer} left nothing unfinished; the journal is run ${seen.writer}'s.`);
  try {
    await run.lock.acquire(run.signal, { above: seen.epoch, ...(writer === undefined ? {} : { heirOf: writer }) });
    // Its last write may have arrived after we looked.
    const journal = (await run.journal.load()) ?? seen;
    return await finalizeLocked(run, policy, unfinished, journal);
  } finally {
    await run.lock.release();
  }
}

async function finalizeLocked(
  run: Run,
  policy: Config['on'],
  { after }: Unfinished,
  journal: Journal,
): Promise<Outcome> {
  if (journal.state === 'rolling-back') return await wayBack(run);
  const world = await look(run, ['tags'], journal.plan);
  const killed = journal.state === 'running';
  const canGoBack = phases[phaseOf(world, journal.marks, journal.plan)].safe === 'back';
  const [reaction, code, what] =
    after === 'cancelled'
      ? ([policy.cancel, 'CANCELLED', 'The run was cancelled'] as const)
      : ([policy.failure, 'RUN_FAILED', 'The run died or could not go on'] as const);
  if (killed && reaction === 'rollback' && canGoBack)
    return await wayBack(run, { code, message: `${what}, and the policy says to go back.` });
  if (killed) {
    const message = `${what} before its goal; both control planes run and nothing is in flight.`;
    await note(run, 'held', { code, message });
    return await outcome(run, 'held', journal.plan, message, '', [], run.command('upgrade'));
  }
  if (journal.state === 'held')
    return await outcome(
      run,
      'held',
      journal.plan,
      journal.held?.message ?? 'The run holds.',
      '',
      [],
      run.command(nextWhenHeld(journal.held?.code, journal.marks)),
    );
  return await outcome(
    run,
    'nothing-to-do',
    journal.plan,
    `The last run is ${journal.state}.`,
    '',
    [],
    journal.state === 'waiting' ? run.command('upgrade') : '',
  );
}

const nothing = (message: string): Outcome => ({
  kind: 'nothing-to-do',
  message,
  stage: '',
  wave: '',
  verdict: '',
  revision: '',
  problems: [],
  next: '',
});
