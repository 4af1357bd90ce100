import type { Config } from '../config/config.ts';
import type { Outcome } from './outcome.ts';
import { rollBack } from './roll-back.ts';
import { look, note, outcome, type Run } from './run.ts';
import { tagHasMoved } from './which-way.ts';

/** `finalize`: what remains to be done after a run that was killed or cancelled, by policy. */
export async function finalize(run: Run, policy: Config['on']): Promise<Outcome> {
  const journal = await run.journal.load();
  if (journal === undefined)
    return {
      kind: 'nothing-to-do',
      message: 'No upgrade is under way.',
      stage: '',
      wave: '',
      verdict: '',
      revision: '',
      problems: [],
      next: '',
    };
  if (journal.state === 'rolling-back') return await rollBack(run);
  const world = await look(run, ['tags'], journal.plan);
  const killed = journal.state === 'running';
  const canGoBack = journal.marks.removalBegan === undefined && tagHasMoved(world, journal.plan);
  if (killed && policy.cancel === 'rollback' && canGoBack)
    return await rollBack(run, { code: 'CANCELLED', message: 'the run was cancelled, and the policy says to go back' });
  if (killed) {
    const message = 'The run ended before its goal; both control planes run and nothing is in flight.';
    await note(run, 'held', { code: 'CANCELLED', message });
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
      run.command('upgrade'),
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
