import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { Cluster, Kind } from '../ports/kubernetes.ts';

const attemptsMax = 3;

/**
 * Writes an object over the one that we know, or as the first. Whether a write arrived whose answer did not, only the
 * object itself can tell; its resourceVersion makes another try safe.
 * @param isOurs whether an object that was read back is the one we meant to write
 * @returns what stands there now, or `lost` when another client wrote first
 */
export async function swap<T extends KubernetesObject>(
  cluster: Cluster,
  kind: Kind,
  { known, next, isOurs }: { known: T | undefined; next: T; isOurs: (read: T) => boolean },
): Promise<T | { lost: unknown; now: T | undefined }> {
  const { name, namespace } = next.metadata;
  const version = known?.metadata.resourceVersion;
  const object = { ...next, metadata: { ...next.metadata, ...(version && { resourceVersion: version }) } };
  for (let attempt = 1; ; attempt++) {
    try {
      return known === undefined ? await cluster.create(kind, object) : await cluster.replace(kind, object);
    } catch (failure) {
      const now = await cluster.get<T>(kind, name, namespace);
      if (now !== undefined && isOurs(now)) return now;
      if (now?.metadata.resourceVersion !== version) return { lost: failure, now };
      if (attempt === attemptsMax) throw failure;
    }
  }
}
