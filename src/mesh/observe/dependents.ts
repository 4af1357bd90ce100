import type { PartialObject } from '../../model/kubernetes-object.ts';
import type { Plan } from '../../model/plan.ts';
import type { Dependents, World } from '../../model/world.ts';
import { Pods } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { MeshTool } from '../../ports/mesh-tool.ts';
import { attempting } from './attempt.ts';
import { observeOtherUpgrades } from './other-upgrades.ts';
import { livePods } from './workloads.ts';

/** Who else depends on `from` and is no object of this mesh: read in stage 1, so that a user hears of it before stage 8 waits for it. */
export async function observeDependents(
  { cluster, meshTool }: { cluster: Cluster; meshTool: MeshTool },
  { from, tag, istioNamespace }: Pick<Plan, 'from' | 'tag' | 'istioNamespace'>,
  { controlPlanes }: Pick<World, 'controlPlanes'>,
): Promise<Dependents> {
  const isInstalled = controlPlanes.get(from)?.deployment !== undefined;
  const { unknown, attempt } = attempting();
  const [connected, upgrades, pods] = await Promise.all([
    isInstalled ? attempt('connected proxies', () => meshTool.connectedProxies(from), []) : [],
    attempt('upgrades of other tags', () => observeOtherUpgrades(cluster, { istioNamespace, tag }), []),
    cluster.listMetadata(Pods, { fieldSelector: livePods }),
  ]);
  const hasPod = podNames(pods);
  return { proxies: connected.filter((id) => !hasPod.has(id)), upgrades, unknown };
}

/** `pod.namespace`, as istiod calls the proxy of a pod. */
export const podNames = (pods: readonly PartialObject[]): ReadonlySet<string> =>
  new Set(pods.map(({ metadata }) => `${metadata.name}.${metadata.namespace ?? ''}`));
