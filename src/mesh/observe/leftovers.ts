import type { ManifestObject } from '../../model/manifest-object.ts';
import type { Revision } from '../../model/revision.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import { isExpected, istiodObjects } from '../istiod-objects.ts';
import { revisionLabel } from './control-planes.ts';

/** What an uninstall left of a revision, also an interrupted one: a second uninstall fails with `could not find target revision`. */
export async function observeLeftovers(
  cluster: Cluster,
  revision: Revision,
  istioNamespace: string,
): Promise<readonly ManifestObject[]> {
  const lists = await Promise.all(
    istiodObjects.map(async ({ resource: kind }) => {
      const namespace = kind.namespaced ? { namespace: istioNamespace } : {};
      const objects = await cluster.listMetadata(kind, {
        ...namespace,
        labelSelector: `${revisionLabel}=${revision}`,
        fresh: true,
      });
      return objects.map(({ metadata }): ManifestObject => ({ kind: kind.kind, name: metadata.name, ...namespace }));
    }),
  );
  return lists.flat().filter((object) => isExpected(object, revision, istioNamespace));
}
