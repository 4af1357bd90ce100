import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { TagObject } from '../model/world.ts';
import { MutatingWebhooks, Services, ValidatingWebhooks } from '../ports/kinds.ts';
import type { Cluster, Kind } from '../ports/kubernetes.ts';
import { fieldManager } from './field-manager.ts';

const kinds: Readonly<Record<TagObject['kind'], Kind>> = {
  webhook: MutatingWebhooks,
  Service: Services,
  validator: ValidatingWebhooks,
};

/** A tag's object as the journal keeps it: what a list gives has no kind, and what the API server fills in is not ours. */
export function originalOf({ kind, object }: TagObject): KubernetesObject {
  const { apiVersion, kind: name } = kinds[kind];
  const { managedFields, resourceVersion, uid, creationTimestamp, generation, ...metadata } = object.metadata;
  return { ...object, apiVersion, kind: name, metadata };
}

/**
 * Puts a tag back as it was when the upgrade began, without istioctl: one write an object. Lists are replaced whole; an
 * object that is gone is made again. istiod renews the CA bundle of the webhooks that name its revision.
 */
export async function restoreTag(cluster: Cluster, originals: readonly KubernetesObject[]): Promise<void> {
  if (originals.length === 0) throw new Error('the journal holds no objects of the tag to put back');
  await Promise.all(originals.map(async (original) => await restore(cluster, original)));
}

async function restore(cluster: Cluster, original: KubernetesObject): Promise<void> {
  const kind = Object.values(kinds).find((known) => known.kind === original.kind);
  if (kind === undefined) throw new Error(`the journal holds a ${original.kind}, which is no object of a tag`);
  const { name, namespace, labels, annotations } = original.metadata;
  const { status: _status, ...rest } = original as KubernetesObject & {
    status?: unknown;
    spec?: Record<string, unknown>;
  };
  // Addresses belong to the object that is there now, if there is one.
  const { clusterIP: _ip, clusterIPs: _ips, ...spec } = rest.spec ?? {};
  const body = {
    ...rest,
    ...(rest.spec === undefined ? {} : { spec }),
    metadata: { name, ...(namespace && { namespace }), ...(labels && { labels }), ...(annotations && { annotations }) },
  };
  try {
    await cluster.patch(kind, { name, ...(namespace && { namespace }) }, { type: 'merge', body, fieldManager });
  } catch (failure) {
    // By a list, since the rights of a rollback do not include get.
    const there = await cluster.list(kind, { ...(namespace && { namespace }), fresh: true });
    if (there.some((object) => object.metadata.name === name)) throw failure;
    await cluster.create(kind, body);
  }
}
