import { Deployments, Namespaces } from '../../../src/ports/kinds.ts';
import type { Kind } from '../../../src/ports/kubernetes.ts';
import type { ChangeShape } from '../model/scenario-schema.ts';
import type { Sim } from '../sim/create-sim.ts';

const crashesWithinMs = 60_000;

/** Changes the simulated mesh as other people and programs would. */
export async function othersOnSim(
  sim: Sim,
  oldRevision: string,
  { paused, podSecurity, oldIstiod }: ChangeShape,
): Promise<void> {
  for (const id of paused) {
    const [namespace = '', name = ''] = id.split('/');
    patch(sim, Deployments, { namespace, name }, { spec: { paused: true } });
  }
  enforceOnSim(sim, podSecurity);
  if (oldIstiod === undefined) return;
  const istiod = `istiod-${oldRevision}`;
  const running = new Set(sim.pods('istio-system').map(({ metadata }) => metadata.name));
  sim.kubelet.addRule({
    matches: ({ metadata }) => metadata.name.startsWith(`${istiod}-`) && !running.has(metadata.name),
    stage: 'crash-loop',
  });
  patch(sim, Deployments, { namespace: 'istio-system', name: istiod }, { spec: { replicas: 2 } });
  await sim.advance(crashesWithinMs);
}

/** Pods that have started keep running, whatever the level says of them. */
export function enforceOnSim(sim: Sim, levels: Readonly<Record<string, string>>): void {
  for (const [name, level] of Object.entries(levels))
    patch(sim, Namespaces, { name }, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } });
}

const patch = (sim: Sim, kind: Kind, where: { name: string; namespace?: string }, body: object): unknown =>
  sim.registry.patch(kind, where, { type: 'merge', body }, { manager: 'kubectl' });
