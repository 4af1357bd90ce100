import { defineFinding, type Problem } from '../model/finding.ts';
import { installerOf } from '../model/installer-kind.ts';
import type { Plan } from '../model/plan.ts';
import type { TagObject, World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

export const DefaultTagMissing = defineFinding({
  code: 'DEFAULT_TAG_MISSING',
  severity: 'blocks',
  title: 'There is no revision tag "default".',
  cause:
    'The mesh follows another tag. `istioctl install` would point a tag "default" at the new revision, which changes the injection of every namespace labelled istio-injection=enabled, the validation of configuration, and Gateway API gateways without the label istio.io/rev; this tool tells it not to, and makes no such tag. Your own command and other tools cannot be told: there this is a warning. In stage 2 this blocks if the tag was removed after the plan was made.',
  fix: 'Nothing is needed. A tag "default" would also say which istiod validates configuration and writes the status of gateways (istio/istio#49808): istioctl tag set default --revision REVISION',
  blames: 'surroundings',
});

export const TagMissing = defineFinding({
  code: 'TAG_MISSING',
  severity: 'blocks',
  title: 'The revision tag does not exist.',
  cause:
    'No injection webhook carries the name of the tag: the tag was never created, was deleted, or the config names another one.',
  fix: 'Make it point at the revision that runs now: istioctl tag set TAG --revision REVISION',
  blames: 'person',
});

const RevisionIsATag = defineFinding({
  code: 'REVISION_IS_A_TAG',
  severity: 'blocks',
  title: 'The target revision has the name of a revision tag.',
  cause: 'target.revision in the config is the name of a tag; a revision of that name would own the same objects.',
  fix: 'Choose another target.revision.',
  blames: 'person',
});

export const TagSplit = defineFinding({
  code: 'TAG_SPLIT',
  severity: 'blocks',
  title: 'The objects of the tag point to different revisions.',
  cause:
    'A command that moved the tag ended halfway, or an istioctl older than 1.28 moved the webhook and not the Service (istio/istio#56963).',
  fix: 'Point all its objects at one revision: istioctl tag set TAG --revision REVISION --overwrite',
  blames: 'surroundings',
});

const RevisionNamedDefault = defineFinding({
  code: 'REVISION_NAMED_DEFAULT',
  severity: 'blocks',
  title: 'The target revision is named "default".',
  cause: 'target.revision in the config is "default"; its install would take over the default tag (istio/istio#48643).',
  fix: 'Leave target.revision out: the default is the version with dashes, for example 1-31-0.',
  blames: 'person',
});

const TagRevisionUnknown = defineFinding({
  code: 'TAG_REVISION_UNKNOWN',
  severity: 'blocks',
  title: 'The tag points to a revision that is not installed.',
  cause:
    'The istiod of that revision was removed while the tag still pointed to it. New pods that follow the tag are refused.',
  fix: 'Point the tag at an installed revision before an upgrade.',
  blames: 'surroundings',
});

const finds = [
  DefaultTagMissing,
  TagMissing,
  RevisionIsATag,
  TagSplit,
  RevisionNamedDefault,
  TagRevisionUnknown,
] as const;
type Found = FindingOf<typeof finds>;

export const tags = defineCheck({ looksAt: ['tags', 'controlPlanes', 'marks'], finds, find: checkTags });

type Observed = Pick<World, 'tags' | 'controlPlanes' | 'marks'>;

/** The tag exists, is complete and names one of the two revisions. */
export function checkTags(world: Observed, plan: Plan): readonly Found[] {
  const { tags, controlPlanes } = world;
  const { tag, to } = plan;
  const objects = tags.get(tag) ?? [];
  const missing = missingTag(world, plan);
  if (missing.length > 0) return missing;
  return [
    ...checkDefaultTag(tags, plan),
    ...checkPointers(objects, plan),
    ...checkNames(plan, objects, controlPlanes),
    ...(tags.has(to) ? [RevisionIsATag.of(`"${to}" is the name of a revision tag, so it cannot be a revision.`)] : []),
  ];
}

/** Said before anything else: without the tag no namespace follows it, and everything else that is found only follows from that. */
export function missingTag(
  { tags, controlPlanes, marks }: Observed,
  { tag, from, to }: Plan,
): readonly Problem<'TAG_MISSING'>[] {
  // A Service without its webhook, as a manual deletion leaves it, injects no pod.
  if ((tags.get(tag) ?? []).some(({ kind }) => kind === 'webhook')) return [];
  const wanted = marks.tagMovedAt === undefined ? from : to;
  const [last] = controlPlanes.keys();
  const revision = controlPlanes.get(wanted)?.deployment === undefined ? last : wanted;
  return [
    TagMissing.of(
      `There is no revision tag "${tag}".`,
      [...tags.keys()].filter((name) => name !== tag).map((name) => `tag ${name}`),
      `Make it point at the revision that runs now: istioctl tag set ${tag} --revision ${revision ?? 'REVISION'}`,
    ),
  ];
}

/** Without this object `istioctl install` makes the new revision the default, unless it is told not to. */
function checkDefaultTag(tags: World['tags'], plan: Plan): readonly Found[] {
  if (hasDefaultTag(tags)) return [];
  const { from, install } = plan;
  if (install.leavesDefaultTag !== true)
    return [
      DefaultTagMissing.of(
        'There is no revision tag "default" any more; an install that was planned with it would not leave that so.',
        [],
        `Make it point at the revision that runs now: istioctl tag set default --revision ${from}`,
      ),
    ];
  if (installerOf(plan) === 'istioctl' || installerOf(plan) === 'helm')
    return [
      DefaultTagMissing.as(
        'notes',
        'There is no revision tag "default", and this upgrade makes none: namespaces labelled istio-injection=enabled get no proxy, as before.',
      ),
    ];
  const installs = installerOf(plan) === 'command' ? 'your command (mesh.installer.command)' : 'the tool that installs';
  return [
    DefaultTagMissing.as(
      'warns',
      `There is no revision tag "default", and ${installs} must make none: a tag made by the install would point at the new revision at once. Stage 2 stops if it does (DEFAULT_TAG_TAKEN), after the fact.`,
      [],
      `Let the install make no tag: with Helm give no defaultRevision and no revisionTags; \`istioctl install\` makes one by itself where there is none. Or make the tag beforehand: istioctl tag set default --revision ${from}`,
    ),
  ];
}

export const hasDefaultTag = (tags: World['tags']): boolean =>
  (tags.get('default') ?? []).some(({ kind }) => kind === 'webhook');

function checkPointers(objects: readonly TagObject[], { tag, from, to }: Plan): readonly Found[] {
  const foreign = objects.filter(({ revision }) => revision !== from && revision !== to);
  if (foreign.length > 0)
    return [
      TagSplit.of(
        `Tag "${tag}" points to more than one revision: ${objects.map(({ kind, revision }) => `its ${kind} ${revision ?? 'nothing'}`).join(', ')}.`,
        foreign.map(({ name }) => name),
        `Point all its objects at one revision: istioctl tag set ${tag} --revision ${from} --overwrite`,
      ),
    ];
  return [];
}

function checkNames(
  { from, to }: Plan,
  objects: readonly TagObject[],
  controlPlanes: World['controlPlanes'],
): readonly Found[] {
  const findings: Found[] = [];
  if (to === 'default')
    findings.push(
      RevisionNamedDefault.of('A revision named "default" would take over the default tag (istio/istio#48643).'),
    );
  // After stage 8 the tag names the target, and the old istiod was removed as planned.
  const isNamed = objects.some(({ revision }) => revision?.split('+').includes(from) === true);
  if (isNamed && controlPlanes.get(from)?.deployment === undefined)
    findings.push(
      TagRevisionUnknown.of(`The tag points to ${from}, but no istiod of that revision is installed.`, [
        ...controlPlanes.keys(),
      ]),
    );
  return findings;
}
