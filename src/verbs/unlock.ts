import { unlock } from '../engine/unlock.ts';
import { findMeshAloud, openCluster } from './connect.ts';
import { emitTo, outcomeOf, type Verb } from './verb.ts';

/** `unlock`: ends the lock of a run that a person knows to be dead, without waiting for it to end by itself. */
export const unlockVerb: Verb = async (options, caller) => {
  const { cluster } = openCluster(options, caller.env);
  try {
    const { mesh } = await findMeshAloud(options, cluster, emitTo(caller));
    const { tag } = mesh;
    const { id, since, where } = await unlock(cluster, mesh, options.holder ?? '');
    const message = `The lock of tag ${tag} is free. Run ${id} had held it since ${since}; its log: ${where}`;
    return {
      exitCode: 0,
      outcome: outcomeOf({ kind: 'completed', message, next: caller.command('status') }),
      lines: [message],
      document: { tag, released: { id, since, where } },
      findings: [],
    };
  } finally {
    await cluster.close();
  }
};
