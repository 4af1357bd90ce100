import { configurationFindings } from '../checks/configuration.ts';
import { ControlPlaneNotReady } from '../checks/control-planes.ts';
import { couldBeAsked, describeInjections, injectionFindings, notInjectedBy } from '../checks/injections.ts';
import { podChangeFindings } from '../checks/pod-changes.ts';
import { checkProspects } from '../checks/prospects.ts';
import { TagMissing } from '../checks/tags.ts';
import { releaseFindings } from '../checks/target-release.ts';
import { controlPlaneLost } from '../mesh/disturbances.ts';
import { doubleSelections } from '../mesh/double-selection.ts';
import { gatewayWave } from '../mesh/gateway-wave.ts';
import { marksOf, presentIn } from '../mesh/marks-of.ts';
import { pointsTo, tagStrays } from '../mesh/tag-strays.ts';
import { cannotInject, unready } from '../mesh/unready.ts';
import type { Effect } from '../model/effect.ts';
import { isProblem, type Problem } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { defineStage, type Stage } from '../model/stage.ts';
import { type Injection, notAsked, type World } from '../model/world.ts';
import { causeOf, refusedByRelease, whyRefused } from '../rollout/refusals.ts';

/** Stage 3: pods created from now on get the target's sidecar; running ones keep theirs, but Gateway API gateways roll at once (istio/istio#59959). */
export const moveTag = defineStage({
  step: 'move-tag',
  looksAt: [
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
  ],
  requires: (world, plan) => [
    ...whyNot(world, plan),
    ...releaseFindings(world, plan).filter(isProblem),
    ...configurationFindings(world, plan).filter(isProblem),
    ...checkProspects(world, plan).filter(isProblem),
    ...conflicts(world, plan),
  ],
  tells: podChangeFindings,
  effects: (world, plan) => {
    const effects = move(world, plan);
    return effects.length > 0 ? [...beforeGatewaysRoll(world, plan), ...effects].slice(0, 1) : effects;
  },
  missing: (world, plan) => {
    const strays = tagStrays(world.tags, plan);
    // `istioctl tag set` can decline and exit 0: only the objects count, and what a pod created now really gets.
    return strays.length > 0 ? strays : notInjectedBy(proving(world), plan.to);
  },
  // Its pods would wait for it with ours, for as long as we did.
  broken: (world, plan) =>
    tagStrays(world.tags, plan).length > 0 ? [] : [...controlPlaneLost(world, plan), ...refusedPods(world, plan)],
  proof: (world, plan) => `${describeTag(world.tags, plan)}; ${describeInjections(world.injections, proving(world))}`,
});

/** The end of a rollback: nothing that the new revision broke may keep the tag from leaving it, so nothing is required before. */
export const proveTagBack: Stage = {
  ...moveTag,
  name: 'prove-tag-back',
  title: 'Prove that new pods get the old sidecar',
  requires: () => [],
};

/**
 * The dry-run pods that show which sidecar new pods get. One that a policy refuses with the sidecar of either revision shows nothing of
 * the tag: its workload is set aside when its wave restarts. If there are no others, nothing is shown.
 */
function proving({ injections, prospects }: Pick<World, 'injections' | 'prospects'>): readonly Injection[] {
  const refused = new Set(
    (prospects === notAsked ? [] : prospects)
      .filter((each) => causeOf(each) === 'surroundings')
      .map(({ workload }) => workload),
  );
  const asked = injections.filter(couldBeAsked);
  const others = asked.filter(({ workload }) => !refused.has(workload));
  return others.length > 0 ? others : asked;
}

/** It asks for no dry-run pods: an istiod that hangs would keep each of them for ten seconds, and one that is gone refuses them. */
const tagAlone = {
  step: 'move-tag',
  looksAt: ['tags', 'controlPlanes', 'webhooks'],
  // One that is installed and does not answer is waited for; one that is not installed does not come by waiting.
  requires: (world: Pick<World, 'tags' | 'controlPlanes'>, plan: Plan) =>
    world.controlPlanes.get(plan.to)?.deployment !== undefined && world.tags.has(plan.tag) ? [] : whyNot(world, plan),
  effects: (world: Pick<World, 'tags' | 'webhooks' | 'controlPlanes'>, plan: Plan) =>
    cannotInject(world.controlPlanes.get(plan.to), plan.to).length > 0 ? [] : move(world, plan),
  missing: ({ tags, controlPlanes }: Pick<World, 'tags' | 'controlPlanes'>, plan: Plan) => {
    const strays = tagStrays(tags, plan);
    return strays.length === 0 ? [] : [...cannotInject(controlPlanes.get(plan.to), plan.to), ...strays];
  },
  proof: ({ tags }: Pick<World, 'tags'>, plan: Plan) => describeTag(tags, plan),
} as const;

/** Pods that are refused as long as the tag points here: with the new sidecar alone, or with any. */
function refusedPods(world: Pick<World, 'prospects' | 'unchangedForMs'>, plan: Plan): readonly Problem[] {
  const refusals = world.prospects === notAsked ? [] : world.prospects;
  return [
    ...refusedByRelease(refusals, plan),
    ...refusals.flatMap((refusal) => {
      const { workload, to } = refusal;
      const says = 'refused' in to ? to.refused : 'its dry-run pods were refused';
      return whyRefused(workload, says, refusal, world.unchangedForMs, plan);
    }),
  ];
}

/** The first step of a rollback: the tag and nothing else; the stage above proves the pods afterwards. */
export const moveTagBack = defineStage({
  ...tagAlone,
  name: 'move-tag-back',
  title: 'Move the revision tag back, before anything else',
});

/** While the old istiod is removed: a tag that is moved back to it stops every new pod, so the tag is moved again. */
export const moveTagAgain = defineStage({
  ...tagAlone,
  name: 'move-tag-again',
  title: 'Move the revision tag again, which another writer moved back',
});

/** Gateways that are replaced when the tag moves are watched from then on, so the time is noted before. */
function beforeGatewaysRoll(world: Pick<World, 'marks' | 'namespaces'>, plan: Plan): readonly Effect[] {
  if (plan.gatewaysOfTag === undefined || plan.direction === 'back') return [];
  return gatewayWave(plan)
    .filter((wave) => marksOf(world, wave).startedAt === undefined)
    .map((wave) => ({ kind: 'begin-wave', wave: wave.name, namespaces: presentIn(world, wave) }));
}

/** `webhook, Service and validator of the tag point to 1-31-0` */
function describeTag(tags: World['tags'], { tag, to }: Plan): string {
  const kinds = (tags.get(tag) ?? []).map(({ kind }) => kind);
  return `${inWords(kinds)} of the tag ${kinds.length === 1 ? 'points' : 'point'} to ${to}`;
}

function inWords(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** A tag never names a revision whose istiod cannot answer: failurePolicy Fail would stop every new pod. */
function whyNot(
  { tags, controlPlanes }: Pick<World, 'tags' | 'controlPlanes'>,
  { tag, from, to }: Plan,
): readonly Problem[] {
  // Half of the tag may have moved already: pods that follow that half cannot wait for every replica.
  const shortfalls = (pointsTo(tags, tag, to) ? cannotInject : unready)(controlPlanes.get(to), to);
  const unfit = shortfalls.map(({ what, is }) =>
    ControlPlaneNotReady.of(
      `The tag may not point to ${to} yet: ${what}: ${is}.`,
      [what],
      'Bring this istiod up, then run again.',
    ),
  );
  const absent = TagMissing.of(`There is no revision tag "${tag}".`, [], `istioctl tag set ${tag} --revision ${from}`);
  return tags.has(tag) ? unfit : [...unfit, absent];
}

function move({ tags, webhooks }: Pick<World, 'tags' | 'webhooks'>, plan: Plan): readonly Effect[] {
  if (tagStrays(tags, plan).length === 0) return [];
  const { tag, to } = plan;
  const keepsAutoInject = webhooks.some((webhook) => webhook.tag === tag && webhook.name.startsWith('auto.'));
  return [{ kind: 'move-tag', tag, revision: to, keepsAutoInject }];
}

/** istioctl sees only some conflicts, and with -y applies over them silently. */
function conflicts(world: Pick<World, 'namespaces' | 'webhooks' | 'workloads' | 'injections' | 'tags'>, plan: Plan) {
  return [
    ...doubleSelections(world.namespaces, world.webhooks, world.workloads),
    ...injectionFindings(world, plan),
  ].filter(isProblem);
}
