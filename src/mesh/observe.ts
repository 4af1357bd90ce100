import type { Configuration } from '../model/configuration.ts';
import type { Finding, Problem } from '../model/finding.ts';
import { installerOf } from '../model/installer-kind.ts';
import type { IstioFinding } from '../model/istio-finding.ts';
import type { Manifest } from '../model/manifest-object.ts';
import type { Marks } from '../model/marks.ts';
import type { Plan } from '../model/plan.ts';
import { type Aspect, type Comparison, notAsked, type Workload, type World } from '../model/world.ts';
import type { Installers } from '../ports/installer.ts';
import * as kinds from '../ports/kinds.ts';
import { Namespaces as NamespaceKind } from '../ports/kinds.ts';
import type { Cluster, Followed } from '../ports/kubernetes.ts';
import type { MeshTool } from '../ports/mesh-tool.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { definitionOf } from '../workloads/workloads.ts';
import { belongsTo } from './belongs-to.ts';
import { configurationOf } from './configuration.ts';
import { hasBegun } from './has-begun.ts';
import { observeConfiguration } from './observe/configurations.ts';
import { observeControlPlanes } from './observe/control-planes.ts';
import { observeDefinitions } from './observe/definitions.ts';
import { observeDependents } from './observe/dependents.ts';
import { observeInjections } from './observe/injections.ts';
import { isBakeOver, observeJudged } from './observe/judged.ts';
import { observeLeftovers } from './observe/leftovers.ts';
import { servedWorkloads } from './observe/list-workloads.ts';
import { injectorTexts, observePodChanges, type TargetInjector } from './observe/pod-changes.ts';
import { podShape } from './observe/pod-shape.ts';
import { observeProspects, observeRefusals, refusedWitnesses, refusedWorkloads } from './observe/refusals.ts';
import { observeSight } from './observe/sight.ts';
import { observeTroubles } from './observe/troubles.ts';
import { observeUnhealthy } from './observe/unhealthy.ts';
import { observeReferences, observeUsage } from './observe/usage.ts';
import { versionTold } from './observe/version-told.ts';
import { observeTags, observeWebhooks } from './observe/webhooks.ts';
import { workloadShape } from './observe/workload-shape.ts';
import { livePods, observeNamespaces, observeWorkloads } from './observe/workloads.ts';
import { installOf, isOutdated } from './own-install.ts';
import type { Recent } from './recent.ts';
import { isRemovalDue, isSoaking } from './removal.ts';
import { tagStrays } from './tag-strays.ts';
import { cannotInject } from './unready.ts';

/** The adapters that a run reads and writes through. */
export interface Ports {
  cluster: Cluster;
  installers: Installers;
  meshTool: MeshTool;
  metrics: Metrics;
  /** Findings about what is outside the mesh: rights, Prometheus, the binary. */
  inspect(plan: Plan, started: boolean, preview: () => Promise<Manifest>): Promise<readonly Finding[]>;
}

/** What the engine itself adds to a snapshot. */
export interface Remembered {
  marks: Marks;
  unchangedForMs: number;
  stillFor: ReadonlyMap<string, number>;
  setAside: ReadonlyMap<string, Problem>;
}

/** The pods of rollouts are read in full when nothing has moved for this long. */
const stalledAfterMs = 4_000;
/** The same for one rollout while others move. */
const aloneAfterMs = 20_000;

/** The lists that a run needs all the time: read once, then watched. */
export async function followedLists(cluster: Cluster, istioNamespace: string): Promise<readonly Followed[]> {
  const workloads = (await servedWorkloads(cluster)).map((kind) => definitionOf(kind).resource);
  return [
    { kind: NamespaceKind },
    ...workloads.map((kind) => ({ kind, shape: workloadShape(istioNamespace) })),
    { kind: kinds.Pods, metadataOnly: true, fieldSelector: livePods, shape: podShape() },
    { kind: kinds.Services, namespace: istioNamespace },
    { kind: kinds.EndpointSlices, namespace: istioNamespace },
    { kind: kinds.MutatingWebhooks },
    { kind: kinds.ValidatingWebhooks },
  ];
}

/** Aspects that are read from the mesh alone: cheap, since most of them come from followed lists. */
const meshAspects = [
  'identity',
  'controlPlanes',
  'webhooks',
  'tags',
  'namespaces',
  'workloads',
  'loosePods',
  'now',
] as const satisfies readonly Aspect[];

type MeshAspect = (typeof meshAspects)[number];
type CostlyAspect = Exclude<Aspect, MeshAspect | keyof Remembered>;

/** What the costly aspects are read from. */
const basis = {
  findings: [],
  sight: ['workloads', 'now'],
  istioFindings: [],
  manifest: [],
  definitions: [],
  targetUse: ['tags', 'namespaces', 'workloads', 'controlPlanes'],
  configurations: ['controlPlanes'],
  troubles: ['workloads'],
  unhealthy: ['workloads'],
  injections: ['namespaces', 'workloads'],
  finalInjections: ['namespaces', 'workloads'],
  dependents: ['controlPlanes'],
  prospects: ['tags', 'controlPlanes', 'webhooks', 'namespaces', 'workloads'],
  podChanges: ['tags', 'controlPlanes', 'webhooks', 'namespaces', 'workloads'],
  refusals: ['webhooks', 'namespaces', 'workloads'],
  usage: ['tags', 'namespaces', 'workloads', 'controlPlanes'],
  leftovers: [],
  judged: ['namespaces', 'workloads'],
} as const satisfies Record<CostlyAspect, readonly MeshAspect[]>;

const isMeshAspect = (aspect: Aspect): aspect is MeshAspect => (meshAspects as readonly Aspect[]).includes(aspect);
const isCostly = (aspect: Aspect): aspect is CostlyAspect => aspect in basis;

type MeshPorts = Pick<Ports, 'cluster'>;

/** One snapshot of the mesh alone; needs no plan and runs no tool. */
export async function observeMesh<A extends MeshAspect>(
  ports: MeshPorts,
  aspects: readonly A[],
  istioNamespace: string,
): Promise<Pick<World, A>> {
  return only(await readMesh(ports, new Set<MeshAspect>(aspects), istioNamespace), aspects);
}

/** One snapshot of the aspects asked for, and no more: the others are absent. */
export async function observe<A extends Aspect>(
  ports: Ports,
  aspects: readonly A[],
  plan: Plan,
  remembered: Remembered,
  recent: Recent,
): Promise<Pick<World, A>> {
  const asked: readonly Aspect[] = aspects;
  const costly = asked.filter(isCostly);
  const readFrom = costly.flatMap((aspect): readonly MeshAspect[] => basis[aspect]);
  const mesh = await readMesh(ports, new Set([...asked.filter(isMeshAspect), ...readFrom]), plan.istioNamespace);
  const ask = costlyLooks(ports, mesh, plan, remembered, recent);
  const answers = await Promise.all(costly.map(async (aspect) => [aspect, await ask[aspect]()] as const));
  return only({ ...mesh, ...remembered, ...Object.fromEntries(answers) }, aspects);
}

async function readMesh(
  { cluster }: MeshPorts,
  wanted: ReadonlySet<MeshAspect>,
  istioNamespace: string,
): Promise<Partial<World>> {
  const whole = wanted.has('workloads') || wanted.has('loosePods');
  const [identity, controlPlanes, tags, webhooks, namespaces] = await Promise.all([
    wanted.has('identity') ? observeIdentity(cluster) : undefined,
    wanted.has('controlPlanes') ? observeControlPlanes(cluster, istioNamespace) : undefined,
    wanted.has('tags') ? observeTags(cluster, istioNamespace) : undefined,
    whole || wanted.has('webhooks') ? observeWebhooks(cluster, istioNamespace) : undefined,
    whole || wanted.has('namespaces') ? observeNamespaces(cluster) : undefined,
  ]);
  return {
    ...(identity && { identity }),
    ...(controlPlanes && { controlPlanes }),
    ...(tags && { tags }),
    ...(webhooks && { webhooks }),
    ...(namespaces && { namespaces }),
    ...(whole && namespaces && webhooks ? await observeWorkloads(cluster, namespaces, webhooks) : {}),
    now: cluster.now(),
  };
}

/** How each costly aspect is read: a new aspect without an entry does not compile. */
function costlyLooks(
  { cluster, installers, meshTool, metrics, inspect }: Ports,
  mesh: Partial<World>,
  plan: Plan,
  { marks, unchangedForMs, stillFor, setAside }: Remembered,
  recent: Recent,
): { [A in CostlyAspect]: () => Promise<World[A]> } {
  const installer = () => installers(installerOf(plan));
  const manifest = () => recent.of('manifest', () => installer().preview(installOf(plan)));
  const findings = () => recent.of('findings', () => inspect(plan, Object.keys(marks.waves).length > 0, manifest));
  /** Without a mark of ours nothing is rendered. */
  const isToBeInstalledAgain = async ({ controlPlanes }: Pick<World, 'controlPlanes'>): Promise<boolean> =>
    marks.installed?.revision === plan.to && isOutdated({ marks, controlPlanes, manifest: await manifest() }, plan);
  const withVersionTold = async (configuration: Configuration, revision: string): Promise<Configuration> => {
    const { images } = configuration;
    return images.istiod !== undefined || !canAskMeshTool(await findings())
      ? configuration
      : { ...configuration, images: { ...images, istiod: await versionTold(meshTool, revision) } };
  };
  const injections = () => {
    const { namespaces, workloads } = only(mesh, ['namespaces', 'workloads']);
    const followers = workloads.filter((workload) => belongsTo(workload, plan));
    return recent.of('injections', () => observeInjections(cluster, namespaces, followers));
  };
  /** `undefined` when it is not installed, and the installer previews none. */
  const targetInjector = async (seen: Pick<World, 'controlPlanes'>): Promise<TargetInjector | undefined> => {
    const isThere = cannotInject(seen.controlPlanes.get(plan.to), plan.to).length === 0;
    if (isThere && !(await isToBeInstalledAgain(seen))) return 'installed';
    if (!canAskMeshTool(await findings())) return undefined;
    const { configuring } = await manifest();
    const texts = injectorTexts(configuring, plan.to);
    const live = configurationOf(configuring, plan.to)?.live;
    return texts && { texts, env: live?.get('pilot.env.ENABLE_NATIVE_SIDECARS') };
  };
  const followersOf = (workloads: readonly Workload[]) => workloads.filter((workload) => belongsTo(workload, plan));
  const troubles = async (): Promise<World['troubles']> => {
    const isStalled = ({ id }: Workload) => unchangedForMs >= stalledAfterMs || (stillFor.get(id) ?? 0) >= aloneAfterMs;
    const { workloads } = only(mesh, ['workloads']);
    const stalled = workloads.filter(
      (workload) => hasBegun(workload, plan) && !workload.rollout.complete && isStalled(workload),
    );
    if (stalled.length === 0 && unchangedForMs < stalledAfterMs) return notAsked;
    return await recent.of('troubles', () => observeTroubles(cluster, stalled));
  };
  return {
    findings,
    injections,
    sight: async () =>
      (await findings()).some(({ code }) => code.startsWith('PROMETHEUS_'))
        ? notAsked
        : await recent.of('sight', () => observeSight(metrics, only(mesh, basis.sight), plan)),
    istioFindings: () =>
      recent.of('istioFindings', async () =>
        canAskMeshTool(await findings()) ? await observeIstioFindings(meshTool, plan) : notAsked,
      ),
    manifest,
    definitions: () => recent.of('definitions', () => observeDefinitions(cluster)),
    targetUse: async () => {
      const seen = only(mesh, basis.targetUse);
      if (!(await isToBeInstalledAgain(seen))) return notAsked;
      const { service } = seen.controlPlanes.get(plan.to) ?? {};
      // No proxy can be connected to what has no ready endpoint, and istioctl fails where the istiod that it asks crashes.
      const mayServe = service !== undefined && service.readyEndpoints > 0;
      return await recent.of('targetUse', () =>
        observeReferences({ cluster, meshTool }, plan.to, plan, seen, mayServe),
      );
    },
    configurations: () =>
      recent.of('configurations', async () => {
        const [from, installed] = await Promise.all(
          [plan.from, plan.to].map((revision) => observeConfiguration(cluster, revision, plan.istioNamespace)),
        );
        if (installed !== undefined && !(await isToBeInstalledAgain(only(mesh, ['controlPlanes']))))
          return { from, to: await withVersionTold(installed, plan.to), toIs: 'installed' };
        if (!canAskMeshTool(await findings())) return notAsked;
        return { from, to: configurationOf((await manifest()).configuring, plan.to), toIs: 'previewed' };
      }),
    troubles,
    prospects: async () => {
      const { tags, controlPlanes, ...seen } = only(mesh, basis.prospects);
      if (cannotInject(controlPlanes.get(plan.to), plan.to).length > 0) return notAsked;
      const followers = followersOf(seen.workloads);
      if (tagStrays(tags, plan).length > 0)
        // The one that is installed over it may inject another sidecar.
        return (await isToBeInstalledAgain({ controlPlanes }))
          ? notAsked
          : await recent.of('prospects', () => observeProspects(cluster, followers, plan, seen));
      const refused = refusedWitnesses(await injections(), followers);
      return await recent.of(
        'prospects',
        () => observeRefusals(cluster, refused, followers, plan, seen),
        differsFrom(refused),
      );
    },
    podChanges: async () => {
      const { tags, ...seen } = only(mesh, basis.podChanges);
      if (plan.direction === 'back' || tagStrays(tags, plan).length === 0) return notAsked;
      const injector = await targetInjector(seen);
      if (injector === undefined) return notAsked;
      const followers = followersOf(seen.workloads);
      return await recent.of('podChanges', () =>
        observePodChanges({ cluster, meshTool }, followers, injector, plan, seen),
      );
    },
    refusals: async () => {
      const seen = only(mesh, basis.refusals);
      const followers = followersOf(seen.workloads);
      const known = await troubles();
      const waitedFor = followers.filter(({ id }) => !setAside.has(id));
      const refused = refusedWorkloads(waitedFor, known === notAsked ? [] : known);
      return await recent.of(
        'refusals',
        () => observeRefusals(cluster, refused, followers, plan, seen),
        differsFrom(refused),
      );
    },
    unhealthy: () => {
      const { workloads } = only(mesh, ['workloads']);
      const followers = workloads.filter((workload) => belongsTo(workload, plan));
      return recent.of('unhealthy', () => observeUnhealthy(cluster, followers));
    },
    finalInjections: async () => (isRemovalDue(marks, cluster.now(), plan) ? await injections() : notAsked),
    dependents: () =>
      recent.of('dependents', async () =>
        canAskMeshTool(await findings())
          ? await observeDependents({ cluster, meshTool }, plan, only(mesh, ['controlPlanes']))
          : notAsked,
      ),
    usage: () => {
      const read = only(mesh, ['tags', 'namespaces', 'workloads', 'controlPlanes']);
      return recent.of(
        'usage',
        () => observeUsage({ cluster, installer: installer(), meshTool }, plan, read),
        // This reads the whole cluster. While the old revision soaks, only the readings at the start and the end count.
        (kept) => marks.removalBegan === undefined && !(isUnused(kept) && isSoaking(marks, cluster.now(), plan)),
      );
    },
    leftovers: async () =>
      marks.removalBegan === undefined
        ? notAsked
        : await recent.of('leftovers', () => observeLeftovers(cluster, plan.from, plan.istioNamespace)),
    judged: () => {
      const { workloads, namespaces, now } = only(mesh, ['workloads', 'namespaces', 'now']);
      // What is set aside does not serve, and would never be seen to.
      const served = workloads.filter(({ id }) => !setAside.has(id));
      return recent.of(
        'judged',
        () => observeJudged(metrics, { workloads: served, namespaces, marks, now }, plan),
        (kept) => isBakeOver(kept, now, plan),
      );
    },
  };
}

/** These aspects and no other; throws for one that was not read, which is a fault of this program. */
function only<A extends Aspect>(world: Partial<World>, aspects: readonly A[]): Pick<World, A> {
  const entries = aspects.map((aspect) => {
    if (world[aspect] === undefined) throw new Error(`aspect ${aspect} was asked for and not read`);
    return [aspect, world[aspect]] as const;
  });
  return Object.freeze(Object.fromEntries(entries)) as Pick<World, A>;
}

/** Whether other workloads were asked. */
const differsFrom =
  (refused: readonly Workload[]) =>
  (kept: readonly Comparison[]): boolean =>
    kept.length !== refused.length || kept.some(({ workload }) => !refused.some(({ id }) => id === workload));

const isUnused = ({ references, unknown }: World['usage']): boolean => references.length + unknown.length === 0;

/** Without rights `analyze` waits for ever, and the precheck of another release proves nothing. Their findings block already. */
function canAskMeshTool(findings: readonly Finding[]): boolean {
  return !findings.some(({ meaning }) => meaning.rulesOutIstioctl);
}

async function observeIstioFindings(meshTool: MeshTool, { from }: Plan): Promise<readonly IstioFinding[]> {
  const [precheck, analysis] = await Promise.all([meshTool.precheck(), meshTool.analyze(from)]);
  return [...precheck, ...analysis];
}

/** The UID of `kube-system` is the cluster's own: it never changes and no two clusters share it. */
async function observeIdentity(cluster: Cluster): Promise<World['identity']> {
  const [system, kubernetesVersion] = await Promise.all([cluster.get(NamespaceKind, 'kube-system'), cluster.version()]);
  return { clusterUid: system?.metadata.uid ?? '', kubernetesVersion };
}
