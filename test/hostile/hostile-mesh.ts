import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import type { KubernetesObject } from '../../src/model/kubernetes-object.ts';
import { Deployments, Leases } from '../../src/ports/kinds.ts';
import type { Pod } from '../../src/ports/objects.ts';
import { LockHolder, spell } from './spells.ts';

/**
 * Free text wherever Kubernetes and istioctl permit it is hostile and quotes secrets: findings, annotations, and an image name
 * that comes back in the messages of pods which cannot start. The upgrade of this mesh is rolled back.
 */
export function enchant(sim: Sim): void {
  const finding = { code: 'IST0104', level: 'Warning', message: spell('finding'), origin: spell('origin') } as const;
  sim.findings.precheck.push(finding);
  sim.findings.analyze.push({ ...finding, code: 'IST0107' });
  const annotations = { note: spell('annotation'), 'kubectl.kubernetes.io/restartedAt': spell('restart') };
  sim.registry.patch(
    Deployments,
    { name: sim.store.list(Deployments, 'foo')[0]?.metadata.name ?? '', namespace: 'foo' },
    { type: 'merge', body: { metadata: { annotations } } },
    { manager: spell('manager').slice(0, 100) },
  );
  sim.kubelet.addRule({ matches: isNewInCanary, stage: 'image-pull' });
}

/** The message of the kubelet quotes the image, which is taken as it stands. */
function isNewInCanary({ metadata, spec }: Pod): boolean {
  if (metadata.namespace !== 'bar' || metadata.annotations?.['istio.io/rev'] !== '1-31-0') return false;
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) container.image = spell('image');
  return true;
}

/** A lock whose holder is not what our runs call themselves. */
export function lockByAStranger(sim: Sim): void {
  const now = new Date(sim.clock.now()).toISOString();
  const place = { name: 'istio-canary-upgrade-default', namespace: 'istio-system' };
  const spec = { holderIdentity: LockHolder, leaseDurationSeconds: 3_600, acquireTime: now, renewTime: now };
  if (sim.store.get(Leases, place.name, place.namespace) === undefined)
    sim.registry.create(Leases, { metadata: place, spec } as unknown as KubernetesObject, {});
  else sim.registry.patch(Leases, place, { type: 'merge', body: { spec } });
}
