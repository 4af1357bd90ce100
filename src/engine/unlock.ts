import { LockHolderDiffers } from '../errors/lock-errors.ts';
import { Leases } from '../kubernetes/kinds.ts';
import type { Lease } from '../kubernetes/objects.ts';
import type { Cluster } from '../kubernetes/port.ts';
import { journalName, type MeshTag } from './journal.ts';
import { type Holder, holderOf } from './lock.ts';
import { swap } from './swap.ts';

/**
 * `unlock`: a person says that a run is dead. If it is not, it finds its lock gone before its next effect and stops.
 * @returns who held it
 * @throws LOCK_HOLDER_DIFFERS unless exactly that run holds it, also when somebody is faster
 */
export async function unlock(cluster: Cluster, { istioNamespace, tag }: MeshTag, asked: string): Promise<Holder> {
  const known = await cluster.get<Lease>(Leases, journalName(tag), istioNamespace);
  const holder = holderOf(known);
  if (known === undefined || holder?.id !== asked) throw LockHolderDiffers.of(tag, asked, holder);
  const next: Lease = { ...known, spec: { ...known.spec, holderIdentity: '', leaseDurationSeconds: 1 } };
  const written = await swap(cluster, Leases, { known, next, isOurs: (read) => holderOf(read) === undefined });
  if ('lost' in written) throw LockHolderDiffers.because(written.lost, tag, asked, holderOf(written.now));
  return holder;
}
