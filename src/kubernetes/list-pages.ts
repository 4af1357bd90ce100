import * as z from 'zod';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { Kind, ListOptions } from '../ports/kubernetes.ts';
import type { ApiClient } from './api-client.ts';
import { listPath } from './resource-path.ts';
import { StatusError } from './status-error.ts';

/** Checks the envelope only: 50,000 pods are not copied to be read. */
export const AnyObject = z.custom<KubernetesObject>(isObject, 'expected an object with metadata');

const Page = z.object({
  metadata: z.object({ resourceVersion: z.string().optional(), continue: z.string().optional() }),
  items: z
    .array(AnyObject)
    .nullish()
    .transform((items) => items ?? []),
});

export interface Listed {
  items: KubernetesObject[];
  /** The state of the store that the list shows; a watch continues from here. */
  resourceVersion: string;
}

export interface ListShape extends ListOptions {
  metadataOnly?: boolean;
  /** Applied to each object while its page is read, so that what it drops is never kept for all pages. */
  shape?: (object: KubernetesObject) => KubernetesObject;
}

const restartsMax = 2;

/** The whole list as the store has it now, page by page. No `resourceVersion` is sent: that is the consistent read. */
export async function listPages(client: ApiClient, kind: Kind, options: ListShape): Promise<Listed> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await readPages(client, kind, options);
    } catch (error) {
      // The snapshot that the pages come from is compacted after five minutes.
      if (!(error instanceof StatusError && error.code === 410) || restarts === restartsMax) throw error;
    }
  }
}

async function readPages(client: ApiClient, kind: Kind, options: ListShape): Promise<Listed> {
  const fill = (object: KubernetesObject) => complete(kind, object, options.metadataOnly ?? false);
  const shape = options.shape ?? ((object) => object);
  const items: KubernetesObject[] = [];
  let next: string | undefined;
  for (;;) {
    const path = listPath(kind, options, { limit: String(client.limits.pageSize), continue: next });
    const headers = acceptFor(options.metadataOnly ?? false, 'List');
    const page = await client.call({ verb: 'list', method: 'GET', path, headers, repeatable: true }, Page);
    for (const item of page.items) items.push(shape(fill(item)));
    next = page.metadata.continue || undefined;
    if (next === undefined) return { items, resourceVersion: page.metadata.resourceVersion ?? '' };
  }
}

/** The headers that ask for metadata only; servers that cannot do that may send whole objects. */
export function acceptFor(metadataOnly: boolean, suffix: 'List' | ''): Readonly<Record<string, string>> {
  if (!metadataOnly) return { accept: 'application/json' };
  return { accept: `application/json;as=PartialObjectMetadata${suffix};v=v1;g=meta.k8s.io,application/json` };
}

/** Items of a list have no kind, and items with metadata only have another kind. */
export function complete(
  { apiVersion, kind }: Kind,
  object: KubernetesObject,
  metadataOnly: boolean,
): KubernetesObject {
  if (metadataOnly) return { apiVersion, kind, metadata: object.metadata };
  return { ...object, apiVersion, kind };
}

function isObject(value: unknown): value is KubernetesObject {
  if (typeof value !== 'object' || value === null || !('metadata' in value)) return false;
  return typeof value.metadata === 'object' && value.metadata !== null;
}
