import { istiodObjects } from '../mesh/istiod-objects.ts';
import { describeEffect, type Effect } from '../model/effect.ts';
import type { Tell } from '../model/events.ts';
import type { Journal } from '../model/journal.ts';
import type { Marks } from '../model/marks.ts';
import type { Plan } from '../model/plan.ts';
import { isOlder } from '../model/releases.ts';
import { messageOf, UpgradeError } from '../model/upgrade-error.ts';
import type { Istioctl } from '../ports/istioctl.ts';
import type { Cluster, Kind, Target } from '../ports/kubernetes.ts';
import type { WorkloadObject } from '../ports/objects.ts';
import { definitionOf } from '../workloads/workloads.ts';
import { EffectFailed } from './engine-errors.ts';
import { fieldManager } from './field-manager.ts';
import type { Fence, JournalStore } from './journal.ts';
import { restoreTag } from './restore-tag.ts';

/** Of a write that is safe to repeat, because reading back tells whether it was made. */
const attemptsMax = 3;

export interface Hands {
  cluster: Cluster;
  istioctl: Istioctl;
  journal: JournalStore;
  lock: Fence;
  plan: Plan;
  tell: Tell;
}

/** A look that is older than this no longer speaks for the deed that it asked for: tag and pods may have changed since. */
const lookSpeaksForMs = 10_000;

/**
 * The one place through which every change goes: lock, intent, deed, result. Whether it came about is read from the cluster
 * by the stage's `missing`, never concluded from here.
 * @returns false when the intent took so long to write that the deed was left to the next look
 * @throws UpgradeError EFFECT_FAILED, or what the lock, the journal and the way to the API server say
 */
export async function perform(effect: Effect, hands: Hands): Promise<boolean> {
  const askedAt = hands.cluster.now();
  await hands.lock.expectHeld();
  const now = hands.cluster.now();
  // Restarts are journalled by wave: their token makes each of them idempotent, and one write a workload is enough.
  if (writesBeforehand(effect))
    await hands.journal.update((journal) => ({
      ...journal,
      intent: { effect: describeEffect(effect), at: now },
      ...marksAtIntent(journal, effect, now),
    }));
  if (writesBeforehand(effect) && hands.cluster.now() - askedAt > lookSpeaksForMs) {
    await hands.journal.update(({ intent: _dropped, marks, ...journal }) => ({
      ...journal,
      marks: marksWithout(marks, effect, now),
    }));
    return false;
  }
  try {
    await deed(effect, hands, now);
  } catch (failure) {
    if (failure instanceof UpgradeError && /^(LOCK|JOURNAL|CLUSTER)_/.test(failure.code)) throw failure;
    throw EffectFailed.because(failure, describeEffect(effect), messageOf(failure));
  }
  if (writesBeforehand(effect))
    await hands.journal.update(({ intent: _done, ...journal }) => ({
      ...journal,
      ...marksAtResult(journal, effect, hands.cluster.now()),
    }));
  return true;
}

function writesBeforehand({ kind }: Effect): boolean {
  return kind === 'install' || kind === 'move-tag' || kind === 'uninstall' || kind === 'remove-leftover';
}

/** From the first effect of stage 8 on there is no way back, whether or not it is seen to end. */
function marksAtIntent(journal: Journal, effect: Effect, now: number): Partial<Journal> {
  return effect.kind === 'uninstall'
    ? { marks: { ...journal.marks, removalBegan: journal.marks.removalBegan ?? now } }
    : {};
}

/** The removal that was announced at `now` has not begun. */
function marksWithout({ removalBegan, ...marks }: Marks, { kind }: Effect, now: number): Marks {
  return removalBegan === undefined || (kind === 'uninstall' && removalBegan === now)
    ? marks
    : { ...marks, removalBegan };
}

function marksAtResult(journal: Journal, effect: Effect, now: number): Partial<Journal> {
  return effect.kind === 'move-tag' ? { marks: { ...journal.marks, tagMovedAt: now } } : {};
}

async function deed(effect: Effect, hands: Hands, now: number): Promise<void> {
  const { cluster, istioctl, journal, plan } = hands;
  switch (effect.kind) {
    case 'install':
      return await istioctl.install({
        revision: effect.revision,
        readinessTimeoutMs: plan.pace.rolloutTimeoutMs,
        ...plan.install,
      });
    case 'move-tag':
      return plan.direction === 'back' ? await moveTagBack(effect, hands) : await moveTag(effect, istioctl);
    case 'restart-workload':
      return await restart(effect, cluster, now);
    case 'begin-wave':
      return await markWave(journal, effect.wave, { startedAt: now });
    case 'begin-bake':
      return await markWave(journal, effect.wave, { readyAt: now });
    case 'record-verdict':
      return await markWave(journal, effect.wave, { verdict: effect.judged });
    case 'record-unused':
      return await journal.update((old) => {
        const { unusedSince: _before, ...marks } = old.marks;
        return { ...old, marks: effect.clean ? { ...marks, unusedSince: now } : marks };
      });
    case 'uninstall':
      return await istioctl.uninstall(effect.revision);
    case 'remove-leftover': {
      const { kind, name, namespace } = effect.object;
      const resource = istiodObjects.find((known) => known.resource.kind === kind)?.resource;
      if (resource === undefined) throw new Error(`no leftover of kind ${kind} is known`);
      return await remove(cluster, resource, { name, ...(namespace === undefined ? {} : { namespace }) });
    }
  }
}

type MoveTag = Extract<Effect, { kind: 'move-tag' }>;

const setTag = async (istioctl: Istioctl, { tag, revision, keepsAutoInject }: MoveTag): Promise<void> =>
  await istioctl.setTag(tag, revision, { autoInjectNamespaces: keepsAutoInject });

/** With `-y` istioctl applies over a conflict and says nothing; so it is asked first what it would say. */
async function moveTag(effect: MoveTag, istioctl: Istioctl): Promise<void> {
  const conflict = await istioctl.tagConflicts(effect.tag, effect.revision);
  if (conflict !== '') throw new Error(`istioctl sees a conflict: ${conflict}`);
  await setTag(istioctl, effect);
}

/**
 * Nothing that istioctl could find is worse than a tag that stays on a bad revision: it is not asked about conflicts, and
 * without a fit one the objects are put back as the journal has them.
 */
async function moveTagBack(effect: MoveTag, { cluster, istioctl, journal, plan, tell }: Hands): Promise<void> {
  try {
    // An older one than has moved the tag forward moves only part of it back (istio/istio#56963).
    if (isOlder(await istioctl.version(), plan.versions.from))
      throw new Error('istioctl is too old to move the tag back');
    await setTag(istioctl, effect);
  } catch (failure) {
    tell({ kind: 'effect-failed', effect, message: `${messageOf(failure)}; putting it back from the journal instead` });
    try {
      await restoreTag(cluster, journal.current.originals);
    } catch (second) {
      throw new AggregateError([failure, second], `${messageOf(failure)}; and by our own writes: ${messageOf(second)}`);
    }
  }
}

/** Gone already is as good as removed by us. */
async function remove(cluster: Cluster, resource: Kind, target: Target): Promise<void> {
  try {
    await cluster.delete(resource, target);
  } catch (failure) {
    if ((await cluster.get(resource, target.name, target.namespace)) !== undefined) throw failure;
  }
}

async function restart(
  { workload, token }: Extract<Effect, { kind: 'restart-workload' }>,
  cluster: Cluster,
  now: number,
): Promise<void> {
  const { kind, namespace, name } = workload;
  const { resource, restartPatch, tokenOf } = definitionOf(kind);
  const patch = { ...restartPatch({ token, now }), fieldManager };
  for (let attempt = 1; ; attempt++) {
    try {
      await cluster.patch(resource, { name, namespace }, patch);
      return;
    } catch (failure) {
      // An answer that got lost says nothing about the write: the token in the object does. The read waits for the API server.
      const object = await cluster.get<WorkloadObject>(resource, name, namespace);
      if (object === undefined || tokenOf(object) === token) return;
      if (attempt === attemptsMax) throw failure;
    }
  }
}

async function markWave(
  journal: JournalStore,
  wave: string,
  mark: Partial<Journal['marks']['waves'][string]>,
): Promise<void> {
  await journal.update((old) => ({
    ...old,
    marks: { ...old.marks, waves: { ...old.marks.waves, [wave]: { ...old.marks.waves[wave], ...mark } } },
  }));
}
