import { defineFinding, type Problem } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { Revision } from '../model/revision.ts';
import { type Shortfall, shortfall } from '../model/stage.ts';
import type { World } from '../model/world.ts';

export const TagNotAtTarget = defineFinding({
  code: 'TAG_NOT_AT_TARGET',
  severity: 'blocks',
  title: 'The revision tag no longer points to the revision that the run moved it to.',
  cause:
    'Another writer set the tag back: most often GitOps that applies the manifests of the tag, or an istioctl older than 1.28, which leaves the Service of the tag behind.',
  fix: 'Find the writer by the field managers of the tag, stop it, then run again.',
  blames: 'surroundings',
});

type Aimed = Pick<Plan, 'tag' | 'to' | 'tagLacks'>;

/** Objects of a tag that do not name the revision of the plan. Since 1.28 a Service is one of them: istio/istio#56963. */
export function tagStrays(tags: World['tags'], { tag, to, tagLacks = [] }: Aimed): Shortfall[] {
  const objects = tags.get(tag) ?? [];
  const strays = objects
    .filter(({ revision }) => revision !== to)
    .map(({ kind, revision }) => shortfall(`${kind} of tag ${tag}`, revision, to));
  const absent = (['webhook', ...(tag === 'default' ? (['validator'] as const) : [])] as const)
    .filter((wanted) => !tagLacks.includes(wanted) && !objects.some(({ kind }) => kind === wanted))
    .map((wanted) => shortfall(`${wanted} of tag ${tag}`, 'absent', to));
  return [...strays, ...absent];
}

/** Whether any object of the tag points to the revision: pods created now may already get its proxy. */
export const pointsTo = (tags: World['tags'], tag: string, revision: Revision): boolean =>
  (tags.get(tag) ?? []).some((object) => object.revision?.split('+').includes(revision) === true);

/** For the stages after the move of the tag: another writer moved it during the restarts, so new pods would get the wrong proxy. */
export function tagMovedAway(tags: World['tags'], plan: Aimed): Problem[] {
  const { tag, to } = plan;
  const strays = tagStrays(tags, plan);
  if (strays.length === 0) return [];
  const managers = [...new Set((tags.get(tag) ?? []).flatMap((object) => object.managers))];
  return [
    TagNotAtTarget.of(
      `Tag "${tag}" should name ${to}, but ${strays.map(({ what, is }) => `${what} is ${is}`).join(', ')}.`,
      [tag],
      `Most often GitOps, or an istioctl older than 1.28, set it back (field managers: ${managers.join(', ') || 'none'}). Stop that writer, then run again.`,
    ),
  ];
}
