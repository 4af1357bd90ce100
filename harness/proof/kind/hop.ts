import { InvalidArgumentError } from 'commander';

/** From which release of Istio to which. */
export interface Hop {
  from: Release;
  to: Release;
}

export interface Release {
  version: string;
  revision: string;
}

/**
 * `1.30.4..1.31.0`
 * @throws InvalidArgumentError
 */
export function parseHop(text: string): Hop {
  const [, from, to] = /^(\d+\.\d+\.\d+)\.\.(\d+\.\d+\.\d+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined || from === to)
    throw new InvalidArgumentError('two releases like 1.30.4..1.31.0');
  return { from: release(from), to: release(to) };
}

const release = (version: string): Release => ({ version, revision: version.replaceAll('.', '-') });

export const DEFAULT_HOP = parseHop('1.30.4..1.31.0');
