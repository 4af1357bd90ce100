import type { Owner } from './owner.ts';
import type { Revision } from './revision.ts';

/** Which release of Helm is meant. */
export interface ReleaseName {
  name: string;
  namespace: string;
}

/** The releases that hold the istiods of a plan; `from` is `undefined` where no release holds the old one. */
export interface ReleaseNames {
  from: ReleaseName | undefined;
  to: ReleaseName;
}

/** Of an object that a release of Helm owns. @param istioNamespace where the mark of the owner names none */
export const releaseOf = (owner: Owner | undefined, istioNamespace: string): ReleaseName | undefined =>
  owner?.by === 'helm' ? { name: owner.name, namespace: owner.namespace ?? istioNamespace } : undefined;

/** The release of the next revision: the old name with the other revision in it. `istiod-1-30-4` leads to `istiod-1-31-0`, and `istiod` too. */
export function nextRelease(
  old: ReleaseName | undefined,
  from: Revision,
  to: Revision,
  namespace: string,
): ReleaseName {
  const name = old?.name.endsWith(`-${from}`) === true ? `${old.name.slice(0, -from.length)}${to}` : `istiod-${to}`;
  return { name, namespace: old?.namespace ?? namespace };
}

export const describeRelease = ({ name, namespace }: ReleaseName): string => `${namespace}/${name}`;

export const isSameRelease = (one: ReleaseName, other: ReleaseName): boolean =>
  one.name === other.name && one.namespace === other.namespace;
