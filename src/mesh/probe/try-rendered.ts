import type { Revision } from '../../model/revision.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { InjectorTexts, MeshTool } from '../../ports/mesh-tool.ts';
import type { Pod } from '../../ports/objects.ts';
import { type Tried, tryPod } from './try-pod.ts';
import { atHome, injectedBy } from './try-under.ts';

/**
 * Tries a pod with a sidecar whose istiod is not there: istioctl renders it. An injector is asked about a pod with the defaults of the
 * API server, so a dry run without any sidecar comes first.
 */
export async function tryRendered(
  { cluster, meshTool }: { cluster: Cluster; meshTool: MeshTool },
  pod: Pod,
  revision: Revision,
  texts: InjectorTexts,
  nativeSidecars: boolean,
): Promise<Tried> {
  const alone = await tryPod(cluster, atHome(pod, pod));
  if (alone.pod === undefined) return alone;
  const { labels } = pod.metadata;
  const bare = { ...alone.pod, metadata: { ...alone.pod.metadata, labels: { ...labels } } };
  const injected = await meshTool.inject(bare, revision, texts, nativeSidecars);
  return injectedBy(revision, await tryPod(cluster, atHome(injected, pod)));
}
