import { pointsTo } from '../mesh/tag-strays.ts';
import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { notAsked, type World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const ReleaseNotTarget = defineFinding({
  code: 'RELEASE_NOT_TARGET',
  severity: 'blocks',
  title: 'The new revision is not of the target release.',
  cause:
    'target.set or target.values pin the tag of an image, or another tool installed another release under the name of the new revision. The upgrade would end with every proxy on the new revision, and on another release.',
  fix: 'Take the pinned tag out of the values, remove that revision, or give the new one another name (target.revision).',
  blames: 'person',
});

const ReleaseUnknown = defineFinding({
  code: 'RELEASE_UNKNOWN',
  severity: 'notes',
  title: 'The images of the new revision do not tell their release.',
  cause:
    'They are pinned by a digest, or their tag is not a version. An istiod that runs is asked for its version by istioctl; the image of the sidecars tells nothing before they run.',
  fix: 'Compare the digest with that of the release, or add the version to the image: proxyv2:1.31.0@sha256:...',
  blames: 'person',
});

const finds = [ReleaseNotTarget, ReleaseUnknown] as const;

export const targetRelease = defineCheck({ looksAt: ['configurations', 'tags'], finds, find: releaseFindings });

/** The new istiod and its sidecars are of target.version, by the tags of their images. */
export function releaseFindings(
  { configurations, tags }: Pick<World, 'configurations' | 'tags'>,
  { to, tag, versions }: Pick<Plan, 'to' | 'tag' | 'versions'>,
): readonly FindingOf<typeof finds>[] {
  if (configurations === notAsked || configurations.to === undefined) return [];
  const { istiod, sidecar } = configurations.to.images;
  const parts = [
    { what: `the istiod ${to}`, version: istiod },
    { what: `the sidecars of ${to}`, version: sidecar },
  ];
  const would = configurations.toIs === 'previewed' ? 'would be' : 'is';
  const unknown = parts.filter(({ version }) => version === undefined).map(({ what }) => what);
  return [
    ...parts.flatMap(({ what, version }) =>
      version === undefined || isOfRelease(version, versions.to)
        ? []
        : [
            ReleaseNotTarget.as(
              // Once the tag has moved, the stages judge what runs; to stop here would leave it where it is.
              pointsTo(tags, tag, to) ? 'warns' : 'blocks',
              `The release of ${what} ${would} ${version}, and the target is ${versions.to}.`,
              [to],
            ),
          ],
    ),
    ...(unknown.length === 0
      ? []
      : [ReleaseUnknown.of(`The image does not tell the release of ${unknown.join(' and ')}.`, [to])]),
  ];
}

/** A private build adds to the version, `1.31.0-acme.2`; a release candidate is another release. */
const isOfRelease = (version: string, target: string): boolean =>
  version === target || (version.startsWith(`${target}-`) && !/^-(alpha|beta|rc)\b/.test(version.slice(target.length)));
