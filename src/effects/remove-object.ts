import type { Cluster, Kind, Target } from '../ports/kubernetes.ts';

/** Deletes one object; one that is already gone counts as removed. By a list, since the rights of a rollback do not include get. */
export async function removeObject(cluster: Cluster, kind: Kind, { name, namespace }: Target): Promise<void> {
  const place = namespace === undefined ? {} : { namespace };
  try {
    await cluster.delete(kind, { name, ...place });
  } catch (failure) {
    const there = await cluster.list(kind, { ...place, fresh: true });
    if (there.some((object) => object.metadata.name === name)) throw failure;
  }
}
