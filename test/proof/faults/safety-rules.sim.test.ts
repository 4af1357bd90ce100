import { describe, expect, it } from 'vitest';
import { type Arena, type ArenaOptions, openArena } from '../../../harness/proof/faults/arena.ts';
import type { Contender } from '../../../harness/proof/faults/contender.ts';
import { revisionIn } from '../../../harness/proof/faults/mesh-facts.ts';
import { contenderOf, ours } from '../../../harness/proof/faults/ours.ts';
import { smallMesh, smallTask } from '../../../harness/proof/faults/task.ts';
import { hideFromWatches } from '../../../harness/proof/faults/watch-tampers.ts';
import { addPodPolicy } from '../../../harness/rehearsal/sim/api-server/pod-policy.ts';
import type { Sim } from '../../../harness/rehearsal/sim/create-sim.ts';
import type { Run } from '../../../src/engine/run.ts';
import { upgrade } from '../../../src/engine/upgrade.ts';
import type { Transport } from '../../../src/kubernetes/transport.ts';
import { ConfigMaps, Deployments, Pods } from '../../../src/ports/kinds.ts';
import type { ConfigMap, Pod, WorkloadObject } from '../../../src/ports/objects.ts';

const [Old, New] = [smallTask.from.revision, smallTask.to.revision];

/** A rule that prevents harm, a mesh in which it matters, and the product without it. */
interface SafetyRule {
  rule: string;
  mesh?: Partial<ArenaOptions>;
  /** What the mesh goes through. */
  prepare(arena: Arena): void;
  /** The attempts; left out: one. */
  go?: (arena: Arena, contender: Contender) => Promise<void>;
  without: Contender;
  /** What the rule prevents, in the words of what has seen it. */
  harm(arena: Arena): readonly string[];
  /** What the product says instead. */
  says: RegExp;
}

const breaches = ({ breaches: all }: Arena): readonly string[] => all.map(({ invariant }) => invariant);

/** An object with some of its methods replaced; the others keep their private state. */
const altered = <T extends object>(whole: T, changes: Partial<T>): T =>
  new Proxy(whole, {
    get: (target, name) => {
      if (name in changes) return Reflect.get(changes, name) as unknown;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

const withRun = (name: string, change: (run: Run) => Partial<Run>): Contender =>
  contenderOf(name, (run, config) => upgrade({ ...run, ...change(run) }, config));

const withPorts = (name: string, change: (ports: Run['ports']) => Partial<Run['ports']>): Contender =>
  withRun(name, ({ ports }) => ({ ports: { ...ports, ...change(ports) } }));

/** Another workload speaks for some: their dry-run pods are answered as if they were its own. */
const spokenFor = (name: string, asIf: (pod: Pod, path: string) => { pod: Pod; path: string }): Contender =>
  contenderOf(
    name,
    (run, config) => upgrade(run, config),
    (parts) => ({ ...parts, transport: redirected(parts.transport, asIf) }),
  );

const redirected = (transport: Transport, asIf: Parameters<typeof spokenFor>[1]): Transport => ({
  send: (request) => {
    if (request.method !== 'POST' || !/\/pods\?.*dryRun=All/.test(request.path)) return transport.send(request);
    const { pod, path } = asIf(JSON.parse(request.body ?? '') as Pod, request.path);
    return transport.send({ ...request, path, body: JSON.stringify(pod) });
  },
});

const templates = 'inject.istio.io/templates';
const isGateway = ({ metadata }: Pod): boolean => metadata.annotations?.[templates] === 'gateway';

function asApplication(pod: Pod, path: string): { pod: Pod; path: string } {
  if (!isGateway(pod)) return { pod, path };
  const { [templates]: _gateway, ...annotations } = pod.metadata.annotations ?? {};
  const containers = [{ name: 'app', image: 'registry.example/app:1' }];
  return { path, pod: { ...pod, metadata: { ...pod.metadata, annotations }, spec: { ...pod.spec, containers } } };
}

/** Some pods are refused with the new sidecar, and accepted with the old one. */
const refuseNew = ({ sim, referee }: Arena, concerns: (pod: Pod) => boolean): void => {
  // To roll back a release whose sidecar is refused is no mistake.
  referee.conditions.mayBlameRelease = true;
  addPodPolicy(sim.registry, {
    name: 'no-new-sidecar',
    allows: (pod) => revisionIn(pod) !== New || !concerns(pod),
    message: 'the sidecar is not allowed',
  });
};

const restartsOf = (sim: Sim, namespace: string): readonly string[] =>
  sim.store
    .list<WorkloadObject>(Deployments, namespace)
    .filter(({ spec }) => spec.template.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt'] !== undefined)
    .map(({ metadata }) => `restarted ${namespace}/${metadata.name}`);

const shop = { name: 'shop', labels: { 'istio-injection': 'enabled' }, workloads: [{ name: 'shop', replicas: 2 }] };
const withShop = {
  mesh: [...smallMesh, shop],
  task: { ...smallTask, waves: [...smallTask.waves.slice(0, 1), { name: 'rest', namespaces: ['baz', 'foo', 'shop'] }] },
};

/** One restart after the other. */
const oneAtATime = { task: { ...smallTask, workloadsAtOnce: 1 } };

const labelledConfiguration = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'pinned', namespace: 'foo', labels: { 'istio.io/rev': Old } },
};
const VirtualServices = {
  apiVersion: labelledConfiguration.apiVersion,
  kind: labelledConfiguration.kind,
  plural: 'virtualservices',
  namespaced: true,
};

/** Created by a person during the soak; its image cannot be pulled yet, so that its proxy is not connected. */
function createLatePod({ sim }: Arena): void {
  sim.kubelet.addRule({ matches: ({ metadata }) => metadata.name === 'late', stage: 'app-image-pull' });
  const pod = {
    metadata: { name: 'late', namespace: 'outside', labels: { 'istio.io/rev': Old } },
    spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
  };
  sim.registry.create(Pods, pod as Pod, {});
}

const isSoaking = ({ sim }: Arena): boolean =>
  sim.store
    .get<ConfigMap>(ConfigMaps, 'istio-canary-upgrade-default', 'istio-system')
    ?.data?.['journal']?.includes('unusedSince') === true;

const rules: readonly SafetyRule[] = [
  {
    rule: 'connected proxies count as a use of the old istiod',
    prepare: ({ sim }) => {
      sim.istiods.connectOutside(Old, { name: 'ratings-vm-1', namespace: 'vm', version: '1.30.4' });
    },
    without: withPorts('asks for no connected proxies', ({ meshTool }) => ({
      meshTool: altered(meshTool, { connectedProxies: () => Promise.resolve([]) }),
    })),
    harm: breaches,
    says: /OLD_REVISION_IN_USE/,
  },
  {
    rule: 'configuration labelled istio.io/rev counts as a use of the old istiod',
    prepare: ({ sim }) => {
      sim.registry.create(VirtualServices, labelledConfiguration, { manager: 'kubectl' });
    },
    without: withPorts('looks at no configuration', ({ cluster }) => ({
      cluster: altered(cluster, {
        listMetadata: async (kind, options) =>
          kind.apiVersion.includes('istio.io/') ? [] : await cluster.listMetadata(kind, options),
      }),
    })),
    harm: breaches,
    says: /OLD_REVISION_IN_USE/,
  },
  {
    rule: 'the pods that guard the removal are listed past the mirror',
    prepare: (arena) => {
      arena.tampers.push(hideFromWatches('late'));
      arena.sim.when(
        () => isSoaking(arena),
        () => createLatePod(arena),
      );
    },
    without: withPorts('reads its pods from the mirror', ({ cluster }) => ({
      cluster: altered(cluster, {
        listMetadata: async (kind, options) => await cluster.listMetadata(kind, { ...options, fresh: kind !== Pods }),
      }),
    })),
    harm: breaches,
    says: /OLD_REVISION_IN_USE/,
  },
  {
    rule: 'every effect asks the lock first',
    mesh: oneAtATime,
    // The first rollout of the wave takes longer than a lock lasts without its heartbeat.
    prepare: ({ sim }) => {
      const stop = sim.kubelet.addRule({
        matches: (pod) => pod.metadata.namespace === 'baz' && revisionIn(pod) === New,
        stage: 'never-ready',
      });
      sim.when(
        () => restartsOf(sim, 'baz').length > 0,
        () => sim.in(50_000, stop),
      );
    },
    go: async (arena, contender) => {
      const { sim, tampers } = arena;
      const first = await arena.begin(contender);
      const second = Promise.withResolvers<void>();
      const isRestarting = () => restartsOf(sim, 'baz').length > 0;
      sim.when(isRestarting, () => {
        tampers.push({
          onRequest: ({ path }, runId) =>
            runId === first.runId && path.includes('/leases/') ? 'timeout-before-commit' : undefined,
        });
        void arena.begin(contender).then(({ ended }) => ended.then(() => second.resolve()));
      });
      await Promise.all([first.ended, second.promise]);
    },
    without: withRun('asks no lock before an effect', ({ lock }) => ({
      lock: altered(lock, { expectHeld: () => Promise.resolve() }),
    })),
    harm: breaches,
    says: /lock-not-renewed/,
  },
  {
    rule: 'gateways are a class of their own for dry-run pods',
    prepare: (arena) => refuseNew(arena, isGateway),
    without: spokenFor('asks applications about gateways', asApplication),
    harm: ({ sim }) => restartsOf(sim, 'istio-ingress'),
    says: /SIDECAR_REFUSED/,
  },
  {
    rule: 'namespaces labelled istio-injection are a class of their own for dry-run pods',
    mesh: withShop,
    prepare: (arena) => refuseNew(arena, ({ metadata }) => metadata.namespace === 'shop'),
    without: spokenFor('asks other namespaces about them', (pod, path) => ({
      pod: pod.metadata.namespace === 'shop' ? { ...pod, metadata: { ...pod.metadata, namespace: 'foo' } } : pod,
      path: path.replace('/namespaces/shop/', '/namespaces/foo/'),
    })),
    harm: ({ sim }) => restartsOf(sim, 'shop'),
    says: /SIDECAR_REFUSED/,
  },
];

/** Until the upgrade ends, or does harm. */
async function play({ mesh, prepare, go = once, harm }: SafetyRule, contender: Contender) {
  const story: string[] = [];
  const arena = await openArena({ seed: 7, task: smallTask, ...mesh, tell: (text) => story.push(text) });
  prepare(arena);
  const harmed = Promise.withResolvers<void>();
  arena.sim.when(() => harm(arena).length > 0, harmed.resolve);
  await arena.sim.run(Promise.race([go(arena, contender), harmed.promise]));
  return { harm: harm(arena), story: story.join('\n').slice(-4_000) };
}

const once = async (arena: Arena, contender: Contender): Promise<void> => {
  const { ended } = await arena.begin(contender);
  await ended;
};

describe('a safety rule', () => {
  it.for(rules)('prevents harm: $rule', async (rule) => {
    const { harm, story } = await play(rule, ours);
    expect(harm, story).toEqual([]);
    expect(story).toMatch(rule.says);
  });

  it.for(rules)('cannot be removed unnoticed: $rule', async (rule) => {
    const { harm, story } = await play(rule, rule.without);
    expect(harm, story).not.toEqual([]);
  });
});
