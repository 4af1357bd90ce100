import type { KubernetesObject } from '../../../src/kubernetes/objects.ts';
import type { Resource } from './resources.ts';

/** The form in which a client asked for objects, from its Accept header. */
export type Form = 'whole' | 'metadata';

const MetaVersion = 'meta.k8s.io/v1';
const wholeTexts = new WeakMap<KubernetesObject, string>();
const metadataTexts = new WeakMap<KubernetesObject, string>();

export function formOf(accept: string | undefined): Form {
  return /as=PartialObjectMetadata(List)?\b/.test(accept ?? '') ? 'metadata' : 'whole';
}

/** One object as JSON text, kind and apiVersion first. Stored objects never change, so the text is made once. */
export function encodeObject(resource: Resource, object: KubernetesObject, form: Form): string {
  return form === 'metadata'
    ? `{${typeMeta('PartialObjectMetadata', MetaVersion)},${metadataText(object).slice(1)}`
    : `{${typeMeta(resource.kind, resource.apiVersion)},${wholeText(object).slice(1)}`;
}

export interface ListMeta {
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

export function encodeList(
  resource: Resource,
  items: readonly KubernetesObject[],
  form: Form,
  metadata: ListMeta,
): string {
  const head =
    form === 'metadata'
      ? typeMeta('PartialObjectMetadataList', MetaVersion)
      : typeMeta(`${resource.kind}List`, resource.apiVersion);
  // Items of built-in lists do not say what they are; items of custom and of metadata lists do.
  const isBare = form === 'whole' && !resource.isCustom;
  const texts = items.map((item) => (isBare ? wholeText(item) : encodeObject(resource, item, form)));
  return `{${head},"metadata":${JSON.stringify(metadata)},"items":[${texts.join(',')}]}`;
}

export function encodeEvent(type: string, objectText: string): string {
  return `{"type":"${type}","object":${objectText}}\n`;
}

function typeMeta(kind: string, apiVersion: string): string {
  return `"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)}`;
}

function wholeText(object: KubernetesObject): string {
  return remembered(wholeTexts, object, () => {
    const { kind: _, apiVersion: __, ...rest } = object;
    return JSON.stringify(rest);
  });
}

function metadataText(object: KubernetesObject): string {
  return remembered(metadataTexts, object, () => JSON.stringify({ metadata: object.metadata }));
}

function remembered(texts: WeakMap<KubernetesObject, string>, object: KubernetesObject, make: () => string): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = make();
  texts.set(object, text);
  return text;
}
