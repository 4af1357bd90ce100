import { brotliDecompressSync } from 'node:zlib';
import type { ConfigMap } from '../ports/objects.ts';

/** The keys of the ConfigMap of a journal: as JSON that people can read, or compressed when it is long. */
export const plainKey = 'journal';
export const compressedKey = 'journal.json.br';

/** @returns undefined when the ConfigMap holds no journal */
export function textOf({ data, binaryData }: Pick<ConfigMap, 'data' | 'binaryData'>): string | undefined {
  const compressed = binaryData?.[compressedKey];
  if (compressed === undefined) return data?.[plainKey];
  return brotliDecompressSync(Buffer.from(compressed, 'base64')).toString('utf8');
}
