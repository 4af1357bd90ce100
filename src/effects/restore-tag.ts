import { observeTags } from '../mesh/observe/webhooks.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { type Plan, type TagPart, tagParts } from '../model/plan.ts';
import type { TagObject } from '../model/world.ts';
import { MutatingWebhooks, Services, ValidatingWebhooks } from '../ports/kinds.ts';
import type { Cluster, Kind } from '../ports/kubernetes.ts';
import { fieldManager } from './field-manager.ts';
import { removeObject } from './remove-object.ts';

const kinds: Readonly<Record<TagPart, Kind>> = {
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

/** Which part of the tag an object is that the journal keeps. */
export const partOf = ({ kind }: KubernetesObject): TagPart | undefined =>
  tagParts.find((part) => kinds[part].kind === kind);

/**
 * Puts a tag back as it was when the upgrade began, without istioctl: one write an object. Lists are replaced whole; an
 * object that is gone is made again. istiod renews the CA bundle of the webhooks that name its revision. What the tag did not
 * have then, such as the Service that istioctl makes since 1.28 (istio/istio#56963), goes again once the rest is back.
 */
export async function restoreTag(cluster: Cluster, originals: readonly KubernetesObject[], plan: Plan): Promise<void> {
  if (originals.length === 0) throw new Error('the journal holds no objects of the tag to put back');
  await Promise.all(originals.map(async (original) => await restore(cluster, original)));
  const made = await madeSince(cluster, plan);
  await Promise.all(made.map(async ({ kind, object }) => await removeObject(cluster, kinds[kind], object.metadata)));
}

/** Objects of kinds that the tag did not have, as the move forward made them: one that names another revision is not ours. */
async function madeSince(
  cluster: Cluster,
  { tag, from, istioNamespace, tagLacks = [] }: Plan,
): Promise<readonly TagObject[]> {
  if (tagLacks.length === 0) return [];
  const objects = (await observeTags(cluster, istioNamespace)).get(tag) ?? [];
  return objects.filter(({ kind, revision }) => tagLacks.includes(kind) && revision === from);
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
