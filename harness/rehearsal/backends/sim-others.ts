import { Deployments, Namespaces } from '../../../src/ports/kinds.ts';
import type { Kind } from '../../../src/ports/kubernetes.ts';
import type { Hop } from '../../proof/lab/hop.ts';
import type { ChangeShape } from '../model/scenario-schema.ts';
import type { Sim } from '../sim/create-sim.ts';

const crashesWithinMs = 60_000;
const settlesWithinMs = 30_000;

/** Changes the simulated mesh as other people and programs would. */
export async function othersOnSim(
  sim: Sim,
  { from, to }: Hop,
  { paused, podSecurity, oldIstiod, istiods }: ChangeShape,
): Promise<void> {
  for (const id of paused) {
    const [namespace = '', name = ''] = id.split('/');
    patch(sim, Deployments, { namespace, name }, { spec: { paused: true } });
  }
  enforceOnSim(sim, podSecurity);
  for (const change of istiods) await changeIstiod(sim, to.version, argumentsOf[change]({ from, to }));
  if (oldIstiod === undefined) return;
  const istiod = `istiod-${from.revision}`;
  const running = new Set(sim.pods('istio-system').map(({ metadata }) => metadata.name));
  sim.kubelet.addRule({
    matches: ({ metadata }) => metadata.name.startsWith(`${istiod}-`) && !running.has(metadata.name),
    stage: 'crash-loop',
  });
  patch(sim, Deployments, { namespace: 'istio-system', name: istiod }, { spec: { replicas: 2 } });
  await sim.advance(crashesWithinMs);
}

const argumentsOf = {
  'new is installed': ({ to }) => ['install', '-y', '--set', 'profile=minimal', '--revision', to.revision],
  'old is removed': ({ from }) => ['uninstall', '--revision', from.revision, '-y'],
} as const satisfies Record<ChangeShape['istiods'][number], (hop: Hop) => readonly string[]>;

/** The only installer of the simulator is istioctl. */
async function changeIstiod(sim: Sim, version: string, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await sim.run(sim.istioctlProcess(version).run(args, { timeoutMs: 600_000 }));
  if (exitCode !== 0) throw new Error(`istioctl ${args.join(' ')}: ${stderr}`);
  // A run that was killed while it waited for this leaves the simulator busy, so that it does not come to rest.
  await sim.advance(settlesWithinMs);
}

/** Pods that have started keep running, whatever the level says of them. */
export function enforceOnSim(sim: Sim, levels: Readonly<Record<string, string>>): void {
  for (const [name, level] of Object.entries(levels))
    patch(sim, Namespaces, { name }, { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } });
}

const patch = (sim: Sim, kind: Kind, where: { name: string; namespace?: string }, body: object): unknown =>
  sim.registry.patch(kind, where, { type: 'merge', body }, { manager: 'kubectl' });
