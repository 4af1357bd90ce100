import type { EffectContext } from '../effects/effect-definition.ts';
import { definitionOf } from '../effects/effects.ts';
import type { Effect } from '../model/effect.ts';
import { messageOf, UpgradeError } from '../model/upgrade-error.ts';
import { EffectFailed } from './engine-errors.ts';
import type { Fence } from './journal.ts';

export interface PerformContext extends Omit<EffectContext, 'now'> {
  lock: Fence;
}

/** A snapshot that is older than this no longer justifies the effect that it asked for: tag and pods may have changed since. */
const snapshotValidMs = 10_000;

/**
 * The one place through which every change goes: lock, intent, write, result. Whether the change took effect is read from the
 * cluster by the stage's `missing`, never concluded from here.
 * @returns false when the intent took so long to write that the effect was left to the next snapshot
 * @throws UpgradeError EFFECT_FAILED, or what the lock, the journal and the connection to the API server say
 */
export async function perform(effect: Effect, { lock, ...context }: PerformContext): Promise<boolean> {
  const definition = definitionOf(effect);
  const { journalled } = definition;
  const text = definition.describe(effect);
  const { cluster, journal } = context;

  const askedAt = cluster.now();
  await lock.expectHeld();
  const now = cluster.now();
  if (journalled !== false) {
    await journal.update(({ marks, ...rest }) => ({
      ...rest,
      intent: { effect: text, at: now },
      marks: journalled.atIntent?.(marks, now) ?? marks,
    }));
    if (cluster.now() - askedAt > snapshotValidMs) {
      await journal.update(({ intent: _dropped, marks, ...rest }) => ({
        ...rest,
        marks: journalled.whenDropped?.(marks, now) ?? marks,
      }));
      return false;
    }
  }
  try {
    await definition.perform(effect, { ...context, now });
  } catch (failure) {
    const named = cluster.named(failure);
    if (
      named instanceof UpgradeError &&
      (named.meaning.mayPass || failure === named) &&
      named.whileWriting !== undefined
    )
      throw named;
    throw EffectFailed.because(failure, text, messageOf(failure));
  }
  if (journalled !== false)
    await journal.update(({ intent: _done, marks, ...rest }) => ({
      ...rest,
      marks: journalled.atResult?.(marks, cluster.now()) ?? marks,
    }));
  return true;
}
