import { unlock } from '../engine/unlock.ts';
import { expectConfirmed } from './confirm.ts';
import { findMeshAloud, openCluster } from './connect.ts';
import { emitTo, outcomeOf, type Verb } from './verb.ts';

/** `unlock`: ends the lock of a run that a person knows to be dead, without waiting for it to end by itself. */
export const unlockVerb: Verb = async (options, caller) => {
  const emit = emitTo(caller);
  const opened = openCluster(options, caller.env, emit);
  const { cluster, name } = opened;
  try {
    const { mesh } = await findMeshAloud(options, opened, emit);
    const { tag } = mesh;
    await expectConfirmed(caller, name, tag);
    const { id, since, where } = await unlock(cluster, mesh, options.holder ?? '');
    const message = `The lock of tag ${tag} is free. Run ${id} had held it since ${since}; its log: ${where}`;
    return {
      exitCode: 0,
      outcome: outcomeOf({ kind: 'completed', message, next: caller.command('status') }),
      lines: [message],
      document: { cluster: name, tag, released: { id, since, where } },
      findings: [],
      cluster: name,
    };
  } finally {
    await cluster.close();
  }
};
