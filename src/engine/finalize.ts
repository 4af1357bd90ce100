import type { Journal } from '../model/journal.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Policy } from '../model/policy.ts';
import { nextWhenHeld } from './next-when-held.ts';
import { Cancelled, RunFailed, SurroundingsAway } from './reasons.ts';
import { wayBack } from './roll-back.ts';
import { conclude, type Run, recordState, snapshot } from './run.ts';
import { phaseOf, phases } from './which-way.ts';

/** `cancelled`: the run was ended from outside. `failed`: it died, or could not continue. `unreachable`: its surroundings did not answer. */
export type Aftermath = 'cancelled' | 'failed' | 'unreachable';

export interface Unfinished {
  after: Aftermath;
  /** Only if this run was the last to write the journal; when left out, any run. */
  writer?: string;
}

/**
 * `finalize`: what remains to be done after a run that was cancelled or died, by policy. That run has ended, and so its
 * lock is taken at once, with a higher epoch: whatever of it still lives can write no more.
 * @param policy of the config; without one, that of the upgrade's own config, as the journal keeps it
 */
export async function finalize(run: Run, policy: Policy | undefined, unfinished: Unfinished): Promise<Outcome> {
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
    return await finalizeLocked(run, policy ?? journal.on ?? holdAll, unfinished, journal);
  } finally {
    await run.lock.release();
  }
}

/** A journal of release 0.1.0 keeps no policy, and nothing that would move a mesh is guessed. */
const holdAll: Policy = { failure: 'hold', cancel: 'hold', inconclusive: 'hold' };

async function finalizeLocked(run: Run, policy: Policy, { after }: Unfinished, journal: Journal): Promise<Outcome> {
  const { state, plan, marks, held } = journal;
  if (state === 'rolling-back') return await wayBack(run);
  if (state === 'running') return await endedEarly(run, policy, after, journal);
  if (state === 'held')
    return await conclude(run, {
      kind: 'held',
      plan,
      message: held?.message ?? 'The run holds.',
      next: run.command(nextWhenHeld(held?.next, marks)),
    });
  return await conclude(run, {
    kind: 'nothing-to-do',
    plan,
    message: `The last run is ${state}.`,
    next: state === 'waiting' ? run.command('upgrade') : '',
  });
}

/** A run that ended before its goal: rolled back or held, by policy, as far as a rollback is safe. */
async function endedEarly(
  run: Run,
  policy: Policy,
  after: Unfinished['after'],
  { plan, marks }: Journal,
): Promise<Outcome> {
  const world = await snapshot(run, ['tags'], plan);
  const canGoBack = phases[phaseOf(world, marks, plan)].safe === 'back';
  const [reaction, { code }, what] = reactionTo(after, policy);
  if (reaction === 'rollback' && canGoBack)
    return await wayBack(run, { code, message: `${what}, and the policy says to roll back.` });
  const message = `${what} before its goal; nothing is in flight.`;
  await recordState(run, 'held', { held: { code, message } });
  return await conclude(run, { kind: 'held', plan, message, next: run.command('upgrade') });
}

function reactionTo(
  after: Aftermath,
  policy: Policy,
): [reaction: Policy['failure'], reason: { code: string }, what: string] {
  switch (after) {
    case 'cancelled':
      return [policy.cancel, Cancelled.definition, 'The run was cancelled'];
    case 'failed':
      return [policy.failure, RunFailed.definition, 'The run died or could not go on'];
    case 'unreachable':
      return ['hold', SurroundingsAway.definition, 'The run ended because its surroundings did not answer'];
  }
}

const nothing = (message: string): Outcome => ({
  kind: 'nothing-to-do',
  message,
  stage: '',
  wave: '',
  verdict: '',
  revision: '',
  problems: [],
  reason: '',
  next: '',
});
