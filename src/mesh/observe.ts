import type { Finding } from '../model/finding.ts';
import type { Marks } from '../model/marks.ts';
import type { Plan } from '../model/plan.ts';
import type { Aspect, World } from '../model/world.ts';
import type { Istioctl } from '../ports/istioctl.ts';
import * as kinds from '../ports/kinds.ts';
import { Namespaces as NamespaceKind } from '../ports/kinds.ts';
import type { Cluster, Followed } from '../ports/kubernetes.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { allDefinitions } from '../workloads/workloads.ts';
import { observeControlPlanes } from './observe/control-planes.ts';
import { isBakeOver, observeEvidence } from './observe/evidence.ts';
import { observeInjections } from './observe/injections.ts';
import { observeLeftovers } from './observe/leftovers.ts';
import { podShape } from './observe/pod-shape.ts';
import { observeTroubles } from './observe/troubles.ts';
import { observeUsage } from './observe/usage.ts';
import { observeTags, observeWebhooks } from './observe/webhooks.ts';
import { workloadShape } from './observe/workload-shape.ts';
import { livePods, observeNamespaces, observeWorkloads } from './observe/workloads.ts';
import type { Recent } from './recent.ts';

/** What observing needs; the adapters are handed in. */
export interface Eyes {
  cluster: Cluster;
  istioctl: Istioctl;
  metrics: Metrics;
  /** Findings of what lies outside the mesh: rights, Prometheus, the binary. */
  inspect(plan: Plan, started: boolean): Promise<readonly Finding[]>;
}

/** What the engine itself adds to a snapshot. */
export interface Remembered {
  marks: Marks;
  unchangedForMs: number;
}

/** Rollouts that stand still for this long have their pods looked at in full. */
const stalledAfterMs = 4_000;

/** The lists that a whole run lives on: read once, then watched. */
export function followedLists(istioNamespace: string): readonly Followed[] {
  return [
    { kind: NamespaceKind },
    ...allDefinitions.map(({ resource }) => ({ kind: resource, shape: workloadShape(istioNamespace) })),
    { kind: kinds.Pods, metadataOnly: true, fieldSelector: livePods, shape: podShape() },
    { kind: kinds.Services, namespace: istioNamespace },
    { kind: kinds.EndpointSlices, namespace: istioNamespace },
    { kind: kinds.MutatingWebhooks },
    { kind: kinds.ValidatingWebhooks },
  ];
}

/** One snapshot of the aspects asked for, and no more. Fields that were not asked for are absent. */
export async function observe(
  eyes: Eyes,
  aspects: readonly Aspect[],
  plan: Plan,
  remembered: Remembered,
  recent: Recent,
): Promise<World> {
  const { cluster, istioctl } = eyes;
  const asked = new Set(aspects);
  const needs = (...any: Aspect[]) => any.some((aspect) => asked.has(aspect));
  const whole = needs('workloads', 'loosePods', 'troubles', 'injections', 'usage', 'evidence');

  const [identity, controlPlanes, tags, webhooks, namespaces] = await Promise.all([
    needs('identity') ? observeIdentity(cluster) : undefined,
    needs('controlPlanes', 'usage') ? observeControlPlanes(cluster, plan.istioNamespace) : undefined,
    needs('tags', 'usage') ? observeTags(cluster, plan.istioNamespace) : undefined,
    whole || needs('webhooks') ? observeWebhooks(cluster, plan.istioNamespace) : undefined,
    whole || needs('namespaces') ? observeNamespaces(cluster) : undefined,
  ]);
  const { workloads, loosePods } = whole
    ? await observeWorkloads(cluster, namespaces ?? new Map(), webhooks ?? [])
    : { workloads: undefined, loosePods: undefined };
  const now = cluster.now();
  const stalled = (workloads ?? []).filter(({ rollout, token }) => token === plan.token && !rollout.complete);
  const ofThePlan = (workloads ?? []).filter(({ follows }) => follows?.tag === plan.tag);

  const inspecting = needs('findings')
    ? recent.of('findings', () => eyes.inspect(plan, Object.keys(remembered.marks.waves).length > 0))
    : undefined;
  const [troubles, injections, manifest, findings, istioFindings, usage, leftovers, evidence] = await Promise.all([
    needs('troubles') && remembered.unchangedForMs >= stalledAfterMs
      ? recent.of('troubles', () => observeTroubles(cluster, stalled))
      : [],
    needs('injections') && (!needs('usage') || isRemovalDue(remembered.marks, now, plan))
      ? recent.of('injections', () => observeInjections(cluster, namespaces ?? new Map(), ofThePlan))
      : [],
    needs('manifest')
      ? recent.of('manifest', () =>
          istioctl.manifest({ revision: plan.to, readinessTimeoutMs: plan.pace.rolloutTimeoutMs, ...plan.install }),
        )
      : undefined,
    inspecting,
    needs('istioFindings')
      ? recent.of('istioFindings', async () =>
          canAskIstioctl((await inspecting) ?? []) ? await observeIstioFindings(istioctl, plan) : [],
        )
      : undefined,
    needs('usage') && tags && namespaces && workloads && controlPlanes
      ? recent.of(
          'usage',
          () => observeUsage({ cluster, istioctl }, plan.from, { tags, namespaces, workloads, controlPlanes }),
          // A whole reading of the cluster; while it soaks, the two at the ends are what counts.
          (kept) =>
            remembered.marks.removalBegan === undefined && (!isUnused(kept) || isSoaked(remembered.marks, now, plan)),
        )
      : undefined,
    needs('leftovers') && remembered.marks.removalBegan !== undefined
      ? recent.of('leftovers', () => observeLeftovers(cluster, plan.from, plan.istioNamespace))
      : [],
    needs('evidence')
      ? recent.of(
          'evidence',
          () => observeEvidence(eyes.metrics, { workloads: workloads ?? [], marks: remembered.marks, now }, plan),
          (kept) => isBakeOver(kept, now, plan),
        )
      : undefined,
  ]);
  const world = {
    identity,
    controlPlanes,
    tags,
    webhooks,
    namespaces,
    workloads,
    loosePods,
    troubles,
    injections,
    manifest,
    findings,
    istioFindings,
    usage,
    leftovers,
    evidence,
    now,
    ...remembered,
  };
  return Object.freeze(world) as unknown as World;
}

const isUnused = ({ references, unknown }: World['usage']): boolean => references.length + unknown.length === 0;

/** Before it is, nobody asks whether the new istiod can do alone: each answer costs dry-run pods. */
const isRemovalDue = (marks: Marks, now: number, plan: Plan): boolean =>
  marks.removalBegan === undefined && marks.unusedSince !== undefined && isSoaked(marks, now, plan);

const isSoaked = ({ unusedSince }: Marks, now: number, { soakMs }: Plan): boolean =>
  unusedSince === undefined || now - unusedSince >= soakMs;

/** Without rights `analyze` waits for ever, and another release's precheck proves nothing; the finding blocks by itself. */
function canAskIstioctl(findings: readonly Finding[]): boolean {
  return !findings.some(({ code }) => code === 'RBAC_MISSING' || code.startsWith('ISTIOCTL_'));
}

async function observeIstioFindings(istioctl: Istioctl, { from }: Plan): Promise<World['istioFindings']> {
  const [precheck, analysis] = await Promise.all([istioctl.precheck(), istioctl.analyze(from)]);
  return [...precheck, ...analysis];
}

/** The UID of `kube-system` is the cluster's own: it never changes and no two clusters share it. */
export async function observeIdentity(cluster: Cluster): Promise<World['identity']> {
  const [system, kubernetesVersion] = await Promise.all([cluster.get(NamespaceKind, 'kube-system'), cluster.version()]);
  return { clusterUid: system?.metadata.uid ?? '', kubernetesVersion };
}
