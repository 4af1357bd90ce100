import { parseDocument } from 'yaml';
import * as z from 'zod';
import type { ManifestObject } from '../model/manifest-object.ts';

const object = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
});

/**
 * The objects of `manifest generate`. Only the head of each is parsed: the definitions of Istio's resources are 20,000 lines.
 * @throws SyntaxError, YAMLParseError, ZodError for a document that is no object, and for none at all
 */
export function parseManifest(stdout: string): ManifestObject[] {
  const heads = stdout.split(/^---.*$/m).map(headOf);
  const documents = heads.filter((head) => head.trim() !== '').map((head) => object.parse(readDocument(head)));
  if (documents.length === 0) throw new SyntaxError('it holds no object');
  return documents.map(({ kind, metadata: { name, namespace } }) => ({
    kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  }));
}

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
