import { newestOf } from '../../model/releases.ts';
import type { World } from '../../model/world.ts';
import { CustomResourceDefinitions } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';

/** istioctl writes the first, the chart `base` the second; where one is absent or stale, the other says more. */
const versionLabels = ['operator.istio.io/version', 'app.kubernetes.io/version'];

/** From which release Istio's CRDs are. They are one set for all revisions, and the last installation wrote them. */
export async function observeDefinitions(cluster: Cluster): Promise<World['definitions']> {
  const definitions = await cluster.listMetadata(CustomResourceDefinitions);
  const ours = definitions.filter(({ metadata }) => metadata.name.endsWith('.istio.io'));
  return {
    release: newestOf(ours.flatMap(({ metadata }) => versionLabels.map((label) => metadata.labels?.[label]))),
  };
}
