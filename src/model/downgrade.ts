import { hasTagService, isOlder, minorBefore, minorOf, minorsAhead } from './releases.ts';

interface Versions {
  from: string;
  to: string;
}

/** Whether the way leads to an older release. Of an unknown version this is not known, and stage 1 blocks for that. */
export function isDowngrade({ from, to }: Versions): boolean {
  return minorsAhead(from, to) !== undefined && isOlder(to, from);
}

/** Why a downgrade is refused, also when the config allows one. */
export type DowngradeBar = 'too far' | 'splits the tag';

/**
 * A downgrade leads to an older patch of the same minor, or at most one minor back. None leads over 1.28: since then a tag has a
 * Service too, and an istioctl from before leaves it at the newer revision (istio/istio#56963).
 */
export function barToDowngrade(versions: Versions): DowngradeBar | undefined {
  const { from, to } = versions;
  if (!isDowngrade(versions)) return undefined;
  if (hasTagService(from) && !hasTagService(to)) return 'splits the tag';
  return (minorsAhead(from, to) ?? 0) < -1 ? 'too far' : undefined;
}

/** How `upgrade` leads from a release to another, as sentences that name what the config must say. What the check of the versions admits. */
export function wayBetween(versions: Versions): string {
  const { from, to } = versions;
  if (minorsAhead(from, to) === undefined)
    return 'Set target.version to that release, and target.allowDowngrade: true if it is the older one; then run `upgrade` with istioctl of that release.';
  if (!isDowngrade(versions)) return `Set target.version: ${to}; then run \`upgrade\` with istioctl ${to}.`;
  switch (barToDowngrade(versions)) {
    case undefined:
      return stepTo(to);
    case 'too far':
      return `${stepTo(`a release of ${minorBefore(from) ?? minorOf(from)}`)} From there go on to ${to} in the same way.`;
    case 'splits the tag':
      return `No downgrade leads to ${to}: an istioctl from before 1.28 moves only a part of the tag (istio/istio#56963).`;
  }
}

const stepTo = (version: string): string =>
  `Set target.version: ${version}, and target.allowDowngrade: true; then run \`upgrade\` with istioctl of that release.`;

/** The minors in which a downgrade may end. */
export const reachableFrom = (version: string): string =>
  [minorBefore(version), minorOf(version)].filter((minor) => minor !== undefined).join(' or ');
