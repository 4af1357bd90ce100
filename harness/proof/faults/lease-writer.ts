import { Leases } from '../../../src/ports/kinds.ts';
import type { Lease } from '../../../src/ports/objects.ts';
import type { Sim } from '../../rehearsal/sim/create-sim.ts';

const place = { name: 'istio-canary-upgrade-default', namespace: 'istio-system' };

/** Another client takes the lock from its holder and never renews it. @returns whether there was one to take */
export function stealLease(sim: Sim): boolean {
  const lease = sim.store.get<Lease>(Leases, place.name, place.namespace);
  if (lease === undefined || (lease.spec.holderIdentity ?? '') === '') return false;
  const now = new Date(sim.clock.now()).toISOString().replace('Z', '000Z');
  const spec = {
    holderIdentity: 'another-client',
    leaseDurationSeconds: 30,
    acquireTime: now,
    renewTime: now,
    leaseTransitions: (lease.spec.leaseTransitions ?? 0) + 1,
  };
  sim.registry.replace(Leases, { ...lease, spec }, { manager: 'another-client' });
  return true;
}

export function deleteLease(sim: Sim): boolean {
  if (sim.store.get(Leases, place.name, place.namespace) === undefined) return false;
  sim.registry.delete(Leases, place);
  return true;
}
