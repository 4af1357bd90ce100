import { parseRatio } from '../../../src/config/ratio.ts';
import type { KubernetesObject } from '../../../src/model/kubernetes-object.ts';
import { GatewayApiGateways } from '../../../src/ports/kinds.ts';
import { definitionOf } from '../../../src/workloads/workloads.ts';
import { injectionLabel, type Release } from '../../proof/lab/hop.ts';
import type { MeshShape } from '../model/scenario-schema.ts';
import type { PodFault } from '../sim/controllers/pod-stages.ts';
import { createSim, type Sim } from '../sim/create-sim.ts';
import { adoptByHelm } from '../sim/istio/helm-release.ts';
import {
  isInjectedGateway,
  type SeedNamespace,
  SeedNamespaces,
  type SeedWorkload,
  seedWorkload,
} from '../sim/seed-mesh.ts';
import { enforceOnSim } from './sim-others.ts';

const FollowsDefault = { 'istio.io/rev': 'default' };
const gatewayNamespace = 'gateway-api';
const seedApplications = 3;
/** A mesh that has served for a while: Prometheus has samples to compare. */
const servedMs = 10 * 60_000;

/** How the usual error ratio of a mesh rises and falls: by half within minutes. */
const UsualWander = { logSd: 0.5, memoryMs: 150_000 };

/** Builds the mesh of a scenario and lets it serve. */
export async function simMesh(mesh: MeshShape, seed: number, { version, revision }: Release): Promise<Sim> {
  const rps = rpsOf(mesh);
  const namespaces = namespacesOf(mesh).map((namespace) => ({
    ...namespace,
    ...(namespace.labels && { labels: injectionLabel(namespace.name, { revision }) }),
  }));
  const { set, authorizer, outside, installedBy } = mesh;
  const sim = await createSim({ seed, rps, namespaces, from: version, revision, set });
  if (installedBy === 'helm') {
    adoptByHelm(sim.registry, { version, revision });
    await sim.settle();
  }
  for (const { name, workloads = [], labels } of namespaces) {
    if (labels === undefined || workloads.some(isInjectedGateway)) continue;
    if (authorizer !== undefined) sim.authorize(name, authorizer);
    if (outside !== undefined) sim.callOutside(name, parseRatio(outside));
  }
  if (mesh.errors !== undefined) {
    const wander = { ...UsualWander, seed };
    sim.traffic.setErrorRatio({
      ratio: parseRatio(mesh.errors),
      failure: { responseCode: '503' },
      wander,
      always: true,
    });
  }
  serveTcp(sim, mesh.tcp ?? []);
  if (mesh.gatewayApi) {
    sim.installGatewayApi();
    sim.registry.create(
      GatewayApiGateways,
      {
        metadata: { name: 'public', namespace: gatewayNamespace },
        spec: { gatewayClassName: 'istio', listeners: [{ port: 80 }] },
      } as KubernetesObject,
      { manager: 'kubectl-client-side-apply' },
    );
    await sim.settle();
  }
  addSick(sim, mesh);
  await sim.advance(servedMs);
  enforceOnSim(sim, mesh.podSecurity);
  return sim;
}

/** TCP connections a second that each proxy of such a namespace serves. */
const TcpPerSecond = 5;

/** These namespaces have connections instead of requests; gateways, which send requests, route to the other applications. */
function serveTcp(sim: Sim, tcp: readonly string[]): void {
  if (tcp.length === 0) return;
  const others = SeedNamespaces.filter(({ name, labels }) => labels !== undefined && !tcp.includes(name));
  sim.traffic.routeGateways(
    others.flatMap(({ name: namespace, workloads = [] }) =>
      workloads.filter(({ name }) => name === namespace).map(({ name: workload }) => ({ namespace, workload })),
    ),
  );
  for (const namespace of tcp) {
    sim.traffic.setRate({ namespace, rps: 0, always: true });
    sim.traffic.setConnections({ namespace, perSecond: TcpPerSecond, always: true });
  }
}

const faultOf = {
  crashes: 'app-crash-loop',
  'no-node': 'unschedulable',
} as const satisfies Record<NonNullable<MeshShape['workloads'][number]['sick']>, PodFault>;

/** After the others, because the rules about their pods must be there before them. */
function addSick(sim: Sim, { workloads }: MeshShape): void {
  for (const workload of workloads) {
    const { namespace, name, sick } = workload;
    if (sick === undefined) continue;
    sim.kubelet.addRule({
      matches: ({ metadata }) => metadata.namespace === namespace && metadata.labels?.['app'] === name,
      stage: faultOf[sick],
    });
    seedWorkload(sim.registry, namespace, seedOf(workload));
  }
}

/** Requests a second that each proxy serves. */
export const rpsOf = ({ traffic }: MeshShape): number => (traffic === 'none' ? 0 : Number.parseInt(traffic, 10));

function namespacesOf({ namespaces, workloads, gatewayApi }: MeshShape): readonly SeedNamespace[] {
  const more = Array.from({ length: namespaces - seedApplications }, (_, index): SeedNamespace => {
    const name = `app-${String(index + seedApplications + 1).padStart(3, '0')}`;
    return { name, labels: FollowsDefault, workloads: [{ name, replicas: 2 }] };
  });
  const all: readonly SeedNamespace[] = [
    ...SeedNamespaces,
    ...more,
    ...(gatewayApi ? [{ name: gatewayNamespace }] : []),
  ];
  const known = new Set(all.map(({ name }) => name));
  const added = [...new Set(workloads.map(({ namespace }) => namespace))].filter((name) => !known.has(name));
  const asked: readonly SeedNamespace[] = added.map((name) => ({ name, labels: FollowsDefault }));
  return [...all, ...asked].map((namespace) => ({
    ...namespace,
    workloads: [
      ...(namespace.workloads ?? []),
      ...workloads
        .filter((workload) => workload.namespace === namespace.name && workload.sick === undefined)
        .map(seedOf),
    ],
  }));
}

function seedOf({ kind, name, replicas, strategy, annotations, waits }: MeshShape['workloads'][number]): SeedWorkload {
  return {
    kind,
    name,
    replicas,
    waits,
    spec: strategy === 'RollingUpdate' ? {} : definitionOf(kind).withReplacement({ type: strategy }),
    template: { metadata: { annotations } },
  };
}
