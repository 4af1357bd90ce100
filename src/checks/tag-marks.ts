import { defineFinding } from '../model/finding.ts';
import { installerOf } from '../model/installer-kind.ts';
import type { Plan } from '../model/plan.ts';
import { shellWord } from '../model/shell-word.ts';
import type { World } from '../model/world.ts';
import type { FindingOf } from './define-check.ts';
import { annotate } from './tag-hand-over.ts';

export const TagMarksCopied = defineFinding({
  code: 'TAG_MARKS_COPIED',
  severity: 'notes',
  title: 'Objects of the revision tag carry the marks of a Helm release that does not contain them.',
  cause:
    "`istioctl tag set` copies the annotations of the revision's injector to the webhook of the tag and, for the tag default, to the validator. The removal of that release does not delete them, because its manifest does not hold them. But the chart base holds the validator, and its next `helm upgrade` fails with conflicts.",
  fix: 'Take the marks off, so that the tag belongs to no release. The next upgrade then moves it without a hand-over.',
  blames: 'person',
});

const mark = 'meta.helm.sh/release-name';

/** At the end: what takes the tag out of every release, or gives it to the new one. */
export function tagMarksCopied(
  { tags }: Pick<World, 'tags'>,
  plan: Plan,
): readonly FindingOf<readonly [typeof TagMarksCopied]>[] {
  const { tag, to, versions, releases } = plan;
  if (installerOf(plan) !== 'helm' || releases === undefined) return [];
  const copied = (tags.get(tag) ?? []).filter(
    ({ owner, object }) => owner?.by !== 'helm' && object.metadata.annotations?.[mark] !== undefined,
  );
  const others = copied.filter(({ kind }) => kind !== 'validator');
  if (copied.length === 0) return [];
  const { name, namespace } = releases.to;
  const upgrade = (release: string) =>
    `helm upgrade ${release} CHART -n ${namespace} --version ${versions.to} --reset-then-reuse-values --force-conflicts`;
  const steps = [
    ...(others.length === 0
      ? []
      : [
          `So that the tag belongs to no release, which is best: ${others.map((object) => annotate(object, `${mark}- meta.helm.sh/release-namespace-`)).join('; ')}.`,
        ]),
    ...(others.length === copied.length
      ? []
      : [`Where the chart base has the validator: ${upgrade('BASE')} --set defaultRevision=${to}.`]),
    `To give the tag to the new release: ${upgrade(name)} --take-ownership --set ${shellWord(`revisionTags={${tag}}`)}; before the next upgrade it must leave that release again (TAG_GOES_WITH_OLD).`,
    'Helm 3 has no --force-conflicts: leave it out.',
  ];
  return [
    TagMarksCopied.of(
      `The ${copied.map(({ kind }) => kind).join(' and the ')} of tag "${tag}" carry the marks of Helm release ${namespace}/${name}, which does not contain them.`,
      copied.map(({ kind, name: object }) => `${kind} ${object}`),
      steps.join(' '),
    ),
  ];
}
