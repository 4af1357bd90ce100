import { beforeUse, notReadyForUse, usingLooksAt } from '../checks/before-use.ts';
import { describeInjections, notInjectedBy } from '../checks/injections.ts';
import { podChangeFindings } from '../checks/pod-changes.ts';
import { provingInjections } from '../checks/proving-injections.ts';
import { controlPlaneLost } from '../mesh/disturbances.ts';
import { gatewayWave } from '../mesh/gateway-wave.ts';
import { marksOf, presentIn } from '../mesh/marks-of.ts';
import { tagStrays } from '../mesh/tag-strays.ts';
import { cannotInject } from '../mesh/unready.ts';
import type { Effect } from '../model/effect.ts';
import { type Plan, strategyOf } from '../model/plan.ts';
import { defineStage, type Stage } from '../model/stage.ts';
import type { World } from '../model/world.ts';
import { refusedWithProspects } from '../rollout/refusals.ts';

/** Stage 3: pods created from now on get the target's sidecar; running ones keep theirs, but Gateway API gateways roll at once (istio/istio#59959). */
export const moveTag = defineStage({
  step: 'move-tag',
  looksAt: usingLooksAt,
  requires: beforeUse,
  // With canary-first this was told before the canary.
  tells: (world, plan) => (strategyOf(plan) === 'tag-first' ? podChangeFindings(world, plan) : []),
  effects: (world, plan) => {
    const effects = move(world, plan);
    return effects.length > 0 ? [...beforeGatewaysRoll(world, plan), ...effects].slice(0, 1) : effects;
  },
  missing: (world, plan) => {
    const strays = tagStrays(world.tags, plan);
    // `istioctl tag set` can decline and exit 0: only the objects count, and what a pod created now really gets.
    return strays.length > 0 ? strays : notInjectedBy(provingInjections(world), plan.to);
  },
  // Its pods would wait for it with ours, for as long as we did.
  broken: (world, plan) =>
    tagStrays(world.tags, plan).length > 0
      ? []
      : [...controlPlaneLost(world, plan), ...refusedWithProspects(world, plan)],
  proof: (world, plan) =>
    `${describeTag(world.tags, plan)}; ${describeInjections(world.injections, provingInjections(world))}`,
});

/** The end of a rollback: nothing that the new revision broke may keep the tag from leaving it, so nothing is required before. */
export const proveTagBack: Stage = {
  ...moveTag,
  name: 'prove-tag-back',
  title: 'Prove that new pods get the old sidecar',
  requires: () => [],
};

/** It asks for no dry-run pods: an istiod that hangs would keep each of them for ten seconds, and one that is gone refuses them. */
const tagAlone = {
  step: 'move-tag',
  looksAt: ['tags', 'controlPlanes', 'webhooks'],
  // One that is installed and does not answer is waited for; one that is not installed does not come by waiting.
  requires: (world: Pick<World, 'tags' | 'controlPlanes'>, plan: Plan) =>
    world.controlPlanes.get(plan.to)?.deployment !== undefined && world.tags.has(plan.tag)
      ? []
      : notReadyForUse(world, plan),
  effects: (world: Pick<World, 'tags' | 'webhooks' | 'controlPlanes'>, plan: Plan) =>
    cannotInject(world.controlPlanes.get(plan.to), plan.to).length > 0 ? [] : move(world, plan),
  missing: ({ tags, controlPlanes }: Pick<World, 'tags' | 'controlPlanes'>, plan: Plan) => {
    const strays = tagStrays(tags, plan);
    return strays.length === 0 ? [] : [...cannotInject(controlPlanes.get(plan.to), plan.to), ...strays];
  },
  proof: ({ tags }: Pick<World, 'tags'>, plan: Plan) => describeTag(tags, plan),
} as const;

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

function move({ tags, webhooks }: Pick<World, 'tags' | 'webhooks'>, plan: Plan): readonly Effect[] {
  if (tagStrays(tags, plan).length === 0) return [];
  const { tag, to } = plan;
  const keepsAutoInject = webhooks.some((webhook) => webhook.tag === tag && webhook.name.startsWith('auto.'));
  return [{ kind: 'move-tag', tag, revision: to, keepsAutoInject }];
}
