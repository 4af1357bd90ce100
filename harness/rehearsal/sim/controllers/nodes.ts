import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { Nodes } from '../../../../src/ports/kinds.ts';
import type { PodTemplate } from '../../../../src/ports/objects.ts';
import type { Registry } from '../api-server/registry.ts';

/** Names of the nodes that a pod's nodeSelector allows; affinities, taints and capacity are not simulated. */
export function nodesFor(registry: Registry, spec: PodTemplate['spec']): string[] {
  const { nodeSelector = {} } = spec as { nodeSelector?: Readonly<Record<string, string>> };
  return registry.store
    .list<KubernetesObject>(Nodes)
    .filter(({ metadata }) => Object.entries(nodeSelector).every(([key, value]) => metadata.labels?.[key] === value))
    .map(({ metadata }) => metadata.name);
}
