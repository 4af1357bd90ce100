import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { type Form, isTable, type TableForm } from './form.ts';
import type { Resource } from './resources.ts';
import { printerOf } from './tables.ts';

const MetaVersion = 'meta.k8s.io/v1';
const wholeTexts = new WeakMap<KubernetesObject, string>();
const metadataTexts = new WeakMap<KubernetesObject, string>();

/** One object as JSON text, kind and apiVersion first. Stored objects never change, so the text is made once. */
export function encodeObject(resource: Resource, object: KubernetesObject, form: Form): string {
  if (isTable(form)) {
    return encodeTable(resource, [object], form, { resourceVersion: object.metadata.resourceVersion ?? '' });
  }
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
  if (isTable(form)) return encodeTable(resource, items, form, metadata);
  const head =
    form === 'metadata'
      ? typeMeta('PartialObjectMetadataList', MetaVersion)
      : typeMeta(`${resource.kind}List`, resource.apiVersion);
  // Items of built-in lists do not say what they are; items of custom and of metadata lists do.
  const isBare = form === 'whole' && !resource.isCustom;
  const texts = items.map((item) => (isBare ? wholeText(item) : encodeObject(resource, item, form)));
  return `{${head},"metadata":${JSON.stringify(metadata)},"items":[${texts.join(',')}]}`;
}

/** Encodes the objects of one watch: the columns of a Table are said once. */
export function watchEncoder(resource: Resource, form: Form): (object: KubernetesObject) => string {
  if (!isTable(form)) return (object) => encodeObject(resource, object, form);
  let isFirst = true;
  return (object) => {
    const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' };
    const text = encodeTable(resource, [object], form, metadata, isFirst);
    isFirst = false;
    return text;
  };
}

export function encodeEvent(type: string, objectText: string): string {
  return `{"type":"${type}","object":${objectText}}\n`;
}

function encodeTable(
  resource: Resource,
  items: readonly KubernetesObject[],
  { includes, nowMs }: TableForm,
  metadata: ListMeta,
  saysColumns = true,
): string {
  const { columns, cells } = printerOf(resource);
  const rows = items.map((item) => {
    const object =
      includes === 'None' ? 'null' : encodeObject(resource, item, includes === 'Object' ? 'whole' : 'metadata');
    return `{"cells":${JSON.stringify(cells(item, nowMs))},"object":${object}}`;
  });
  const definitions = saysColumns ? JSON.stringify(columns) : 'null';
  return `{${typeMeta('Table', MetaVersion)},"metadata":${JSON.stringify(metadata)},"columnDefinitions":${definitions},"rows":[${rows.join(',')}]}`;
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
