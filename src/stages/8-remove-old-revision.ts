import { awaitedRemoval, awaitedRest } from '../checks/awaited-changes.ts';
import { notInjectedBy } from '../checks/injections.ts';
import { tagMarksCopied } from '../checks/tag-marks.ts';
import { checkRemoval } from '../checks/what-removal-takes.ts';
import { isOnlySkipped } from '../mesh/only-skipped.ts';
import { adviceFor, OldRevisionInUse } from '../mesh/references.ts';
import { isLeaving, isRemovalDue, isSoaking } from '../mesh/removal.ts';
import { tagMovedAway } from '../mesh/tag-strays.ts';
import type { Effect } from '../model/effect.ts';
import { defineFinding, type Problem } from '../model/finding.ts';
import { onlyObserves } from '../model/gate-settings.ts';
import { awaitsOthers } from '../model/installer-kind.ts';
import type { Plan } from '../model/plan.ts';
import { hasTagService } from '../model/releases.ts';
import { defineStage, type Shortfall, shortfall } from '../model/stage.ts';
import { notAsked, type World } from '../model/world.ts';
import { InjectionFails } from '../rollout/next-restarts.ts';
import { doubtedForTooLong, recordFail, redVerdicts, watchShortfalls } from '../rollout/wave-progress.ts';

export const OldRevisionUnseen = defineFinding({
  code: 'OLD_REVISION_UNSEEN',
  severity: 'blocks',
  title: 'It cannot be read whether something still uses the old revision, so it stays installed.',
  cause:
    'A list or a question of istioctl has failed each time for as long as `pace.patience`: most often a right is missing, for example to list the resources of a CustomResourceDefinition of Istio.',
  fix: 'Grant the right that the message names (deploy/rbac.yaml has all of them), then run again.',
  blames: 'surroundings',
});

export const InjectionUnproven = defineFinding({
  code: 'INJECTION_UNPROVEN',
  severity: 'blocks',
  title: 'It could not be proven that the new revision injects new pods, so the old istiod stays.',
  cause:
    'The dry-run pods are refused or get another proxy, for example because of an admission policy, a quota or a webhook of another revision.',
  fix: 'Repair what refuses or injects these pods, then run again.',
  blames: 'surroundings',
});

export const WaveNotJudged = defineFinding({
  code: 'WAVE_NOT_JUDGED',
  severity: 'blocks',
  title: 'A wave must be judged again before the old revision is removed.',
  cause:
    'A workload that was set aside has recovered and runs the new proxy. The verdict of its wave was given without it, so it is not valid any more.',
  fix: 'Run again: the wave is baked and judged once more, and the old istiod is removed afterwards.',
  blames: 'workload',
});

type Observed = Pick<
  World,
  | 'usage'
  | 'controlPlanes'
  | 'webhooks'
  | 'tags'
  | 'workloads'
  | 'loosePods'
  | 'marks'
  | 'now'
  | 'leftovers'
  | 'finalInjections'
  | 'unchangedForMs'
  | 'judged'
  | 'stillFor'
  | 'namespaces'
  | 'troubles'
  | 'setAside'
>;

/** References end by themselves within the reconnect time of a stream and the grace of a pod; what stays longer stays. */
const patienceMs = 120_000;
const settlingMs = 4_000;

/** Stage 8: nothing of the old istiod is left, and every other revision, tag and webhook is as it was. From here on there is no rollback. */
export const removeOldRevision = defineStage({
  step: 'remove-old-revision',
  // Each look is a reading of the whole cluster past the mirror.
  looksEveryMs: 5_000,
  looksAt: [
    'usage',
    'controlPlanes',
    'webhooks',
    'tags',
    'workloads',
    'loosePods',
    'marks',
    'now',
    'leftovers',
    'finalInjections',
    'unchangedForMs',
    'judged',
    'stillFor',
    'namespaces',
    'troubles',
    'setAside',
  ],
  requires: (world, plan) => (world.marks.removalBegan === undefined ? checkRemoval(world, plan) : []),
  effects: (world, plan) => {
    const { usage, marks, now, controlPlanes, leftovers } = world;
    const repair = isLeaving(world, plan) ? restoreService(world, plan) : [];
    if (repair.length > 0) return repair;
    if (marks.removalBegan !== undefined && controlPlanes.get(plan.from)?.deployment === undefined) {
      // What a finished uninstall deleted goes in the background; what stays was left by one that did not finish.
      // What others have not removed yet would come back.
      if (leftovers === notAsked || awaitsOthers(plan) || world.unchangedForMs < settlingMs) return [];
      return leftovers.map((object) => ({ kind: 'remove-leftover', object }));
    }
    if (isWatching(world, plan)) {
      // All waves stay watched until the last moment at which there is a way back.
      const fails = recordFail(world, plan);
      if (fails.length > 0) return fails;
      if (watchShortfalls(world, plan).length > 0) return [];
    }
    const unused = usage.references.length === 0 && usage.unknown.length === 0;
    if (!unused) return marks.unusedSince === undefined ? [] : [{ kind: 'record-unused', clean: false }];
    if (marks.unusedSince === undefined) return [{ kind: 'record-unused', clean: true }];
    // One that has begun can only be finished.
    const mayRemove = marks.removalBegan === undefined ? injectsAlone(world, plan) : !isSoaking(marks, now, plan);
    if (!mayRemove || checkRemoval(world, plan).length > 0) return [];
    if (!awaitsOthers(plan)) return [{ kind: 'uninstall', revision: plan.from }];
    const isGone = controlPlanes.get(plan.from)?.deployment === undefined;
    return isGone && marks.removalBegan === undefined ? [{ kind: 'uninstall', revision: plan.from, isGone }] : [];
  },
  awaits: (world, plan) => {
    if (!awaitsOthers(plan)) return [];
    const { from } = plan;
    const { deployment, owner } = world.controlPlanes.get(from) ?? {};
    if (deployment !== undefined) return mayBeRemoved(world, plan) ? [awaitedRemoval(owner, plan)] : [];
    if (world.leftovers === notAsked || world.leftovers.length === 0 || world.unchangedForMs < settlingMs) return [];
    return [
      awaitedRest(
        from,
        world.leftovers.map(({ kind, name }) => `${kind} ${name}`),
      ),
    ];
  },
  missing: (world, plan) =>
    isLeaving(world, plan)
      ? [...remains(world, plan), ...lostService(world, plan)]
      : [...stillUsed(world, plan), ...(isWatching(world, plan) ? watchShortfalls(world, plan) : [])],
  broken: (world, plan) => {
    // A tag that names what is going stops every new pod; waiting repairs nothing.
    if (world.marks.removalBegan !== undefined) return tagMovedAway(world.tags, plan);
    if (isWatching(world, plan)) {
      const red = redVerdicts(world, plan);
      const notJudged = red.length > 0 ? red : unjudgedWaves(world, plan);
      if (notJudged.length > 0) return notJudged;
      const doubted = doubtedForTooLong(world, plan);
      if (doubted.length > 0) return doubted;
    }
    if (world.usage.unknown.length > 0 && world.unchangedForMs >= plan.pace.patienceMs)
      return [cannotSee(world.usage, plan)];
    if (world.usage.references.length === 0) return cannotDoAlone(world, plan);
    if (world.unchangedForMs < patienceMs || world.usage.references.length === 0) return [];
    return [
      OldRevisionInUse.of(
        `${plan.from} is still in use, so it stays installed.`,
        world.usage.references.map(({ what, name }) => `${what} ${name}`),
        adviceFor(world.usage.references, plan.to),
      ),
    ];
  },
  notices: tagMarksCopied,
  proof: (_, { from }) => `istiod ${from} is gone; every webhook that is left has an istiod behind it`,
});

/** Every proof that precedes the removal is there: only now others may remove it. */
function mayBeRemoved(world: Observed, plan: Plan): boolean {
  const { references, unknown } = world.usage;
  const isWatched = isWatching(world, plan) && watchShortfalls(world, plan).length > 0;
  const isUnused = references.length + unknown.length === 0;
  return !isWatched && isUnused && injectsAlone(world, plan) && checkRemoval(world, plan).length === 0;
}

/** A way back is not judged; once the removal has begun there is none. */
const isWatching = ({ marks }: Pick<World, 'marks'>, { direction }: Plan): boolean =>
  direction === 'forward' && marks.removalBegan === undefined;

/** A workload that was set aside has come to the new proxy: its wave is judged again before the old istiod goes. */
function unjudgedWaves({ marks }: Pick<World, 'marks'>, plan: Plan): readonly Problem[] {
  if (onlyObserves(plan)) return [];
  // Empty waves and those of another plan have no marks at all; stage 7 has seen to them.
  const names = plan.waves
    .map(({ name }) => name)
    .filter((name) => marks.waves[name] !== undefined && marks.waves[name].verdict?.verdict !== 'pass');
  if (names.length === 0) return [];
  return [
    WaveNotJudged.of(
      `Wave ${names.join(', ')} must be judged again: a workload that was set aside has recovered.`,
      names,
    ),
  ];
}

/** The removal is due, and the pods that are tried then get the new proxy. Not asked is not proven. */
const injectsAlone = ({ marks, now, finalInjections }: Observed, plan: Plan): boolean =>
  isRemovalDue(marks, now, plan) &&
  finalInjections !== notAsked &&
  notInjectedBy(finalInjections, plan.to).length === 0;

/** Empty also while nothing was asked: until then the soak is what is missing. */
const failedInjections = ({ finalInjections }: Observed, { to }: Plan): readonly Shortfall[] =>
  finalInjections === notAsked ? [] : notInjectedBy(finalInjections, to);

/** The rest of the upgrade is done, and what cannot be read is no harm of the release: the old istiod stays. */
const cannotSee = ({ unknown }: World['usage'], { from }: Plan): Problem =>
  OldRevisionUnseen.of(
    `It cannot be read whether something still uses ${from}, so it stays installed: ${unknown[0] ?? ''}`,
    unknown,
  );

/** A rollback needs the old istiod: it is removed only while the new one is seen to inject. */
function cannotDoAlone(world: Observed, plan: Plan): readonly Problem[] {
  const { unchangedForMs } = world;
  const { from, to } = plan;
  const failing = failedInjections(world, plan);
  const [first] = failing;
  if (first === undefined) return [];
  const objects = failing.map(({ what, is }) => `${what}: ${is}`);
  // An istiod that is being replaced is back soon. Where another writer has deleted the old one, nothing can go back to it.
  if (!isLeaving(world, plan) && failing.some(({ is }) => is.includes('failed calling webhook')))
    return unchangedForMs < 30_000
      ? []
      : [
          InjectionFails.of(
            `No pod can start, since the injector of ${to} does not answer; istiod ${from} stays.`,
            objects,
            `Look at istiod ${to}.`,
          ),
        ];
  return unchangedForMs < patienceMs
    ? []
    : [
        InjectionUnproven.of(
          `Whether ${to} injects new pods could not be seen, so istiod ${from} stays: ${first.what}: ${first.is}.`,
          objects,
        ),
      ];
}

function stillUsed(world: Observed, plan: Plan): readonly Shortfall[] {
  const { usage, marks, now } = world;
  const { from, soakMs } = plan;
  const references = usage.references
    .slice(0, 20)
    .map(({ what, name }) => shortfall(`${what} ${name}`, `still uses ${from}`));
  const unknown = usage.unknown.map((what) => shortfall(`cannot tell whether ${from} is unused`, what));
  if (references.length + unknown.length > 0) return [...references, ...unknown];
  const failing = failedInjections(world, plan);
  if (failing.length > 0) return failing;
  const soaked = marks.unusedSince === undefined ? 0 : Math.max(0, Math.round((now - marks.unusedSince) / 1000));
  const wants = soaked * 1000 < soakMs ? `unused for ${Math.round(soakMs / 1000)} s` : 'removed';
  return [{ ...shortfall(`istiod ${from}`, `unused for ${soaked} s`, wants), endsByItself: true }];
}

/** What removed the old istiod may have taken the Service of the tag with it; `istioctl tag set` makes one since 1.28 (istio/istio#56963). */
function lostService({ tags }: Pick<World, 'tags'>, { tag, to, direction, versions }: Plan): readonly Shortfall[] {
  const objects = tags.get(tag) ?? [];
  const isWhole = objects.some(({ kind }) => kind === 'Service') || !objects.some(({ kind }) => kind === 'webhook');
  const isMade = direction === 'forward' && hasTagService(versions.to);
  return isMade && !isWhole ? [shortfall(`Service of tag ${tag}`, 'absent', to)] : [];
}

function restoreService(world: Pick<World, 'tags' | 'webhooks'>, plan: Plan): readonly Effect[] {
  if (lostService(world, plan).length === 0 || tagMovedAway(world.tags, plan).length > 0) return [];
  const { tag, to: revision } = plan;
  const keepsAutoInject = world.webhooks.some((webhook) => webhook.tag === tag && webhook.name.startsWith('auto.'));
  return [{ kind: 'move-tag', tag, revision, keepsAutoInject }];
}

/** After the uninstall: its objects go in the background, and an interrupted one leaves some. */
function remains(
  { controlPlanes, webhooks, leftovers, workloads, loosePods }: Observed,
  { from }: Plan,
): readonly Shortfall[] {
  const { deployment, service, injector } = controlPlanes.get(from) ?? {};
  const objects = [deployment, service, injector]
    .filter((object) => object !== undefined)
    .map(({ name }) => shortfall(name, 'still exists'));
  const left =
    leftovers === notAsked
      ? [shortfall(`what is left of istiod ${from}`, 'not read yet')]
      : leftovers.map(({ kind, name }) => shortfall(`${kind} ${name}`, 'still exists'));
  // Created while the tag had been moved back: no istiod serves them any more.
  const pods = [
    ...workloads.flatMap(({ namespace, podNames }) => (podNames.get(from) ?? []).map((name) => `${namespace}/${name}`)),
    ...loosePods.filter(({ revision }) => revision === from).map(({ namespace, name }) => `${namespace}/${name}`),
  ];
  // One that may be skipped and calls another Service is no remainder of this istiod (istio/istio#28880).
  const dead = webhooks.filter(
    (webhook) =>
      webhook.service !== undefined &&
      !webhook.service.exists &&
      !(isOnlySkipped(webhook) && webhook.revision !== from),
  );
  return [
    ...objects,
    ...left,
    ...pods.slice(0, 20).map((name) => shortfall(`live pod ${name}`, `still uses ${from}, which is gone`)),
    ...dead.map(({ configuration, service: target }) =>
      shortfall(`webhook ${configuration}`, `calls ${target?.name ?? '?'}, which is gone`, 'an istiod that answers'),
    ),
  ];
}
