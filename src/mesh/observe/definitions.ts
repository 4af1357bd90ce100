import type { PartialObject } from '../../model/kubernetes-object.ts';
import { newestOf } from '../../model/releases.ts';
import type { World } from '../../model/world.ts';
import { CustomResourceDefinitions } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import { ownerOf } from '../owner-of.ts';

/** istioctl writes the first, the chart `base` the second; where one is absent or stale, the other says more. */
const versionLabels = ['operator.istio.io/version', 'app.kubernetes.io/version'];

/** From which release Istio's CRDs are. They are one set for all revisions, and the last installation wrote them. */
export async function observeDefinitions(cluster: Cluster): Promise<World['definitions']> {
  const definitions = await cluster.listMetadata(CustomResourceDefinitions);
  const ours = definitions.filter(({ metadata }) => metadata.name.endsWith('.istio.io'));
  const releasesOf = ({ metadata }: PartialObject) => versionLabels.map((label) => metadata.labels?.[label]);
  const release = newestOf(ours.flatMap(releasesOf));
  // An older one may be of an API that Istio has given up, and of its last owner.
  const newest = ours.find((definition) => releasesOf(definition).includes(release));
  return { release, owner: newest && ownerOf(newest, CustomResourceDefinitions.kind) };
}
