import type { Holder } from '../model/holder.ts';
import { journalName } from '../model/journal.ts';
import type { RunRequest } from '../model/run-request.ts';
import { Leases } from '../ports/kinds.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { Lease } from '../ports/objects.ts';
import type { MeshTag } from './journal.ts';
import { holderIn, requestIn, withRequest } from './lease.ts';
import { NoRunToAsk, NothingPaused, RequestNotWritten } from './request-errors.ts';
import { swap } from './swap.ts';

/** Each loss is a heartbeat of the run that is asked, which comes every five seconds. */
const attemptsMax = 5;

/**
 * `pause`, `resume` and `abort`: leaves a request in the Lease of the lock, where the next heartbeat of its holder finds it. Not in the
 * journal, which only the holder of the lock may write. If that run dies before it obeys, the next one finds the request.
 * @returns the run that is asked, and for how long it has not renewed its lock; nothing when the pause of a dead run was ended
 * @throws NO_RUN_TO_ASK, NOTHING_PAUSED, REQUEST_NOT_WRITTEN
 */
export async function askRun(
  cluster: Cluster,
  { istioNamespace, tag }: MeshTag,
  verb: RunRequest['verb'] | 'resume',
  by: string,
): Promise<{ holder: Holder; silentMs: number } | undefined> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const known = await cluster.get<Lease>(Leases, journalName(tag), istioNamespace);
    const holder = holderIn(known);
    if (known === undefined || (verb !== 'resume' && holder === undefined)) throw NoRunToAsk.of(tag, verb);
    if (verb === 'resume' && requestIn(known)?.verb !== 'pause') throw NothingPaused.of(tag);
    const now = cluster.now();
    const request = verb === 'resume' ? undefined : { verb, by, at: new Date(now).toISOString() };
    const next = withRequest(known, request);
    const written = await swap(cluster, Leases, {
      known,
      next,
      isOurs: (read) => JSON.stringify(requestIn(read)) === JSON.stringify(request),
    });
    if ('lost' in written) continue;
    return holder && { holder, silentMs: Math.max(0, now - Date.parse(known.spec.renewTime ?? '')) };
  }
  throw RequestNotWritten.of(tag, verb);
}
