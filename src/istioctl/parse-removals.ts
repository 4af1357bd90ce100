import type { ManifestObject } from '../model/manifest-object.ts';

const NOTHING = /^No resources will be pruned from the cluster\./m;
const OBJECT_LINE = /^Not pruning object (.*) because of dry run\.$/;

/** `apps/v1, Kind=Deployment/istiod-1-30-4.istio-system`; a cluster-scoped object ends in a dot with nothing after it. */
const OBJECT = /^[^,\s]+, Kind=([A-Za-z0-9]+)\/(\S+)\.([a-z0-9-]*)$/;

/**
 * The objects that `uninstall --dry-run` would remove. Warnings about proxies and gateways may stand before them.
 * @throws SyntaxError for a line that should name an object and does not, and for neither objects nor the word that there are none
 */
export function parseRemovals(stdout: string): ManifestObject[] {
  const names = stdout.split('\n').flatMap((line) => OBJECT_LINE.exec(line)?.[1] ?? []);
  if (names.length === 0 && !NOTHING.test(stdout)) throw new SyntaxError('it names no object');
  return names.map(parseObject);
}

function parseObject(text: string): ManifestObject {
  const [, kind, name, namespace] = OBJECT.exec(text) ?? [];
  if (kind === undefined || name === undefined) throw new SyntaxError(`"${text}" is no object`);
  return { kind, name, ...(namespace === undefined || namespace === '' ? {} : { namespace }) };
}
