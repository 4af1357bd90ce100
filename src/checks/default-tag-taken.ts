import { pointsTo } from '../mesh/tag-strays.ts';
import { defineFinding, type Problem } from '../model/finding.ts';
import { awaitsOthers } from '../model/installer-kind.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';

export const DefaultTagTaken = defineFinding({
  code: 'DEFAULT_TAG_TAKEN',
  severity: 'blocks',
  title: 'The install made a revision tag "default", and the mesh had none.',
  cause:
    'Your command or another tool made it when it installed the new istiod; or this istioctl makes the tag in another way than the releases that this tool knows; or another person or program made it meanwhile. Namespaces labelled istio-injection=enabled now get the new proxy.',
  fix: 'If nothing should follow it, remove it: istioctl tag remove default -y. If it is wanted, point it at the revision that runs. Then run again.',
  blames: 'surroundings',
});

/** There was no tag `default`, and the install was to make none: one that does so all the same has moved what follows it. */
export function isDefaultTaken({ tags, marks }: Pick<World, 'tags' | 'marks'>, plan: Plan): boolean {
  const { tag, to, install } = plan;
  const isInstalled = marks.installed?.revision === to || awaitsOthers(plan);
  const isOurs = install.leavesDefaultTag === true && isInstalled;
  // Once our tag has moved, the new revision is in use anyway.
  return isOurs && !pointsTo(tags, tag, to) && pointsTo(tags, 'default', to);
}

export function defaultTaken(world: Pick<World, 'tags' | 'marks'>, plan: Plan): readonly Problem[] {
  if (!isDefaultTaken(world, plan)) return [];
  const { to } = plan;
  return [
    DefaultTagTaken.of(
      `There was no revision tag "default", and since the install there is one that points to ${to}.`,
      ['tag default'],
    ),
  ];
}
