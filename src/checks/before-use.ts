import { doubleSelections } from '../mesh/double-selection.ts';
import { pointsTo } from '../mesh/tag-strays.ts';
import { cannotInject, unready } from '../mesh/unready.ts';
import { isProblem, type Problem } from '../model/finding.ts';
import { type Plan, strategyOf } from '../model/plan.ts';
import type { World } from '../model/world.ts';
import { configurationFindings } from './configuration.ts';
import { ControlPlaneNotReady } from './control-planes.ts';
import { defaultTaken } from './default-tag-taken.ts';
import { injectionFindings } from './injections.ts';
import { checkProspects } from './prospects.ts';
import { TagMissing } from './tags.ts';
import { releaseFindings } from './target-release.ts';

/** What a stage looks at that lets pods use the new istiod: here, before, and in the proof that they do. */
export const usingLooksAt = [
  'tags',
  'controlPlanes',
  'configurations',
  'webhooks',
  'namespaces',
  'workloads',
  'injections',
  'prospects',
  'podChanges',
  'now',
  'unchangedForMs',
  'marks',
] as const satisfies readonly (keyof World)[];

type Observed = Pick<
  World,
  | 'tags'
  | 'marks'
  | 'controlPlanes'
  | 'configurations'
  | 'webhooks'
  | 'namespaces'
  | 'workloads'
  | 'injections'
  | 'prospects'
>;

/** Why no pod may get the proxy of the new istiod yet: by the tag, or by the label of the canary. */
export function beforeUse(world: Observed, plan: Plan): readonly Problem[] {
  return [
    ...notReadyForUse(world, plan),
    // An install by others may make it after its istiod was ready.
    ...defaultTaken(world, plan),
    ...releaseFindings(world, plan).filter(isProblem),
    ...configurationFindings(world, plan).filter(isProblem),
    ...checkProspects(world, plan).filter(isProblem),
    // istioctl sees only some conflicts, and with -y applies over them silently.
    ...doubleSelections(world.namespaces, world.webhooks, world.workloads),
    ...injectionFindings(world, plan).filter(isProblem),
  ];
}

/** A tag never names a revision whose istiod cannot answer: failurePolicy Fail would stop every new pod. */
export function notReadyForUse(
  { tags, controlPlanes }: Pick<World, 'tags' | 'controlPlanes'>,
  plan: Plan,
): readonly Problem[] {
  const { tag, from, to } = plan;
  const what =
    strategyOf(plan) === 'tag-first' ? 'The tag may not point to' : 'Neither the canary nor the tag may have';
  // Half of the tag may have moved already: pods that follow that half cannot wait for every replica.
  const shortfalls = (pointsTo(tags, tag, to) ? cannotInject : unready)(controlPlanes.get(to), to);
  const unfit = shortfalls.map((lacking) =>
    ControlPlaneNotReady.of(
      `${what} ${to} yet: ${lacking.what}: ${lacking.is}.`,
      [lacking.what],
      'Bring this istiod up, then run again.',
    ),
  );
  const absent = TagMissing.of(`There is no revision tag "${tag}".`, [], `istioctl tag set ${tag} --revision ${from}`);
  return tags.has(tag) ? unfit : [...unfit, absent];
}
