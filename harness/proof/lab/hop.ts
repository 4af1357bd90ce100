import { InvalidArgumentError } from 'commander';
import { type Revision, revisionOfVersion } from '../../../src/model/revision.ts';

/** From which release of Istio to which. */
export interface Hop {
  from: Release;
  to: Release;
}

export interface Release {
  version: string;
  revision: Revision;
}

const version = String.raw`\d+\.\d+\.\d+(?:-[0-9a-z]+(?:\.[0-9a-z]+)*)?`;
const pattern = new RegExp(`^(?<from>${version})(?<unrevisioned>@default)?\\.\\.(?<to>${version})$`);

/**
 * `1.30.4..1.31.0`, or `1.30.4@default..1.31.0` from an installation without a revision.
 * @throws InvalidArgumentError
 */
export function parseHop(text: string): Hop {
  const { from, unrevisioned, to } = pattern.exec(text)?.groups ?? {};
  if (from === undefined || to === undefined || from === to)
    throw new InvalidArgumentError('two releases like 1.30.4..1.31.0, or 1.30.4@default..1.31.0 from no revision');
  return {
    from: { version: from, revision: unrevisioned === undefined ? revisionOfVersion(from) : 'default' },
    to: { version: to, revision: revisionOfVersion(to) },
  };
}

export const DEFAULT_HOP = parseHop('1.30.4..1.31.0');

/** What the installer of the old release is told of its revision. */
export const revisionFlags = ({ revision }: Release): readonly string[] =>
  revision === 'default' ? [] : ['--revision', revision];

/** Namespaces that carry the older label in an installation without a revision, as most of those do. */
const olderLabelled = ['foo', 'bar'];

/** The label by which a namespace of the mesh follows the tag `default`. */
export const injectionLabel = (namespace: string, { revision }: Pick<Release, 'revision'>): Record<string, string> =>
  revision === 'default' && olderLabelled.includes(namespace)
    ? { 'istio-injection': 'enabled' }
    : { 'istio.io/rev': 'default' };
