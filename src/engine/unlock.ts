import type { Holder } from '../model/holder.ts';
import { journalName } from '../model/journal.ts';
import { Leases } from '../ports/kinds.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { Lease } from '../ports/objects.ts';
import type { MeshTag } from './journal.ts';
import { holderIn } from './lease.ts';
import { LockHolderDiffers } from './lock-errors.ts';
import { swap } from './swap.ts';

/**
 * `unlock`: a person says that a run is dead. If it is not, it finds its lock gone before its next effect and stops.
 * @returns who held it
 * @throws LOCK_HOLDER_DIFFERS unless exactly that run holds it, also when another client is faster
 */
export async function unlock(cluster: Cluster, { istioNamespace, tag }: MeshTag, asked: string): Promise<Holder> {
  const known = await cluster.get<Lease>(Leases, journalName(tag), istioNamespace);
  const holder = holderIn(known);
  if (known === undefined || holder?.id !== asked) throw LockHolderDiffers.of(tag, asked, holder);
  const next: Lease = { ...known, spec: { ...known.spec, holderIdentity: '', leaseDurationSeconds: 1 } };
  const written = await swap(cluster, Leases, { known, next, isOurs: (read) => holderIn(read) === undefined });
  if ('lost' in written) throw LockHolderDiffers.because(written.lost, tag, asked, holderIn(written.now));
  return holder;
}
