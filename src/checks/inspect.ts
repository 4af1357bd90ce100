import { livePods } from '../mesh/observe/workloads.ts';
import { type Finding, problemOf } from '../model/finding.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { Manifest } from '../model/manifest-object.ts';
import type { Plan } from '../model/plan.ts';
import { UpgradeError } from '../model/upgrade-error.ts';
import type { Helm } from '../ports/helm.ts';
import type { Installers } from '../ports/installer.ts';
import { Pods } from '../ports/kinds.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { MeshTool } from '../ports/mesh-tool.ts';
import type { Metrics } from '../ports/prometheus.ts';
import type { Check } from './define-check.ts';
import { helmFindings, inspectHelm } from './helm.ts';
import { metricSourceFindings } from './metric-sources.ts';
import { inspectMetrics, type LivePods } from './metrics.ts';
import { inspectRelease, releaseFindings } from './release.ts';
import { inspectRestartLosses, restartLossFindings } from './restart-losses.ts';
import { inspectRights, rightsFindings, type Scope } from './rights.ts';
import { inspectRoom, roomFindings } from './room.ts';

const finds = [
  ...rightsFindings,
  ...releaseFindings,
  ...roomFindings,
  ...restartLossFindings,
  ...metricSourceFindings,
  ...helmFindings,
] as const;

/**
 * The findings of `inspect` are an aspect of the snapshot. Their codes are tied to `finds` where they are made; those of the
 * gates and of a failed port come from there as they are.
 */
export const surroundings: Check<'findings', typeof finds> = {
  looksAt: ['findings'],
  finds,
  find: ({ findings }) => findings,
};

/** What stage 1 checks outside the mesh: rights, the binary, helm and the charts, whether the gate gets data, room on the nodes, and what restarts lose. */
export async function inspect(
  ports: { cluster: Cluster; meshTool: MeshTool; metrics: Metrics; installers: Installers; helm: Helm },
  plan: Plan,
  { scope, started, preview }: { scope: Scope; started: boolean; preview: () => Promise<Manifest> },
): Promise<readonly Finding[]> {
  const basic = Promise.all([
    inspectRights(ports.cluster, plan, scope),
    asFindings(() => inspectRelease(ports.meshTool, plan)),
    asFindings(() => inspectHelm(ports, plan, started)),
  ]).then((found) => found.flat());
  const findings = await Promise.all([
    basic,
    asFindings(() =>
      inspectMetrics(ports.metrics, plan, { started, now: ports.cluster.now(), livePods: livePodsOf(ports.cluster) }),
    ),
    inspectRoom(ports.cluster, plan, async () => await previewed(await basic, preview)),
    inspectRestartLosses(ports, plan),
  ]);
  return findings.flat();
}

/** `undefined` where the installer cannot be asked: the comparison of the configurations says why. */
async function previewed(
  found: readonly Finding[],
  preview: () => Promise<Manifest>,
): Promise<readonly KubernetesObject[] | undefined> {
  if (found.some(({ meaning }) => meaning.rulesOutIstioctl)) return undefined;
  try {
    return (await preview()).configuring;
  } catch (failure) {
    if (failure instanceof UpgradeError) return undefined;
    throw failure;
  }
}

/** From the list that the run follows anyway: no request for each namespace. */
const livePodsOf =
  (cluster: Cluster): LivePods =>
  async (namespaces) => {
    const chosen = new Set(namespaces);
    const pods = await cluster.listMetadata(Pods, { fieldSelector: livePods });
    return pods
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined && chosen.has(metadata.namespace ?? ''))
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  };

/** A failure with a catalogue entry is a finding like the others, so that one check lists everything that is wrong. */
async function asFindings(look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (failure) {
    if (failure instanceof UpgradeError) return [problemOf(failure)];
    throw failure;
  }
}
