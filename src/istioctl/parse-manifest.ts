import { createHash } from 'node:crypto';
import { parseDocument } from 'yaml';
import * as z from 'zod';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { Manifest, ManifestObject } from '../model/manifest-object.ts';

const object = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
});

/**
 * The objects of `manifest generate` and `helm template`. Of most only the head is parsed: the definitions of Istio's resources are 20,000 lines.
 * @throws SyntaxError, YAMLParseError, ZodError for a document that is no object, and for none at all
 */
export function parseManifest(stdout: string): Manifest {
  const found = documentsOf(stdout).map(({ text, head }) => ({ text, object: placed(object.parse(head)) }));
  if (found.length === 0) throw new SyntaxError('it holds no object');
  return {
    objects: found.map((each) => each.object),
    hash: hashOf(found.map(({ text }) => text)),
    configuring: found
      .filter((each) => configuring.has(each.object.kind))
      .map(({ text }) => readDocument(text) as KubernetesObject),
  };
}

/** Kind and metadata of each object of a manifest, which may hold none. @throws YAMLParseError */
export const headsOf = (manifest: string): readonly unknown[] => documentsOf(manifest).map(({ head }) => head);

const documentsOf = (manifest: string): readonly { text: string; head: unknown }[] =>
  manifest
    .split(/^---.*$/m)
    .map((text) => ({ text: text.trim(), head: headOf(text) }))
    .filter(({ head }) => head.trim() !== '')
    .map(({ text, head }) => ({ text, head: readDocument(head) }));

/** The kinds that say how an istiod is configured. */
const configuring: ReadonlySet<string> = new Set([
  ...['ConfigMap', 'Deployment'],
  ...['HorizontalPodAutoscaler', 'PodDisruptionBudget', 'NetworkPolicy'],
]);

function placed({ kind, metadata: { name, namespace } }: z.infer<typeof object>): ManifestObject {
  return { kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** istioctl keeps its components in a Go map, whose order differs from call to call. */
const hashOf = (documents: readonly string[]): string =>
  createHash('sha256').update(documents.toSorted().join('\n---\n')).digest('hex').slice(0, 16);

/** The blocks `kind` and `metadata`: a block goes on until the next line that begins at the margin. */
function headOf(document: string): string {
  const blocks = document.split(/^(?=[^\s#-])/m).filter((block) => /^[^\s#]/.test(block));
  const head = blocks.filter((block) => /^(?:kind|metadata):/.test(block)).join('');
  // A document that is not a map must not be dropped silently.
  return head === '' ? blocks.join('') : head;
}

function readDocument(text: string): unknown {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw error;
  return document.toJS();
}
