import type { EffectOf } from '../model/effect.ts';
import { isOlder } from '../model/releases.ts';
import { messageOf } from '../model/upgrade-error.ts';
import type { EffectContext, EffectDefinition } from './effect-definition.ts';
import { restoreTag } from './restore-tag.ts';

/** Points the revision tag at another revision: pods created from now on get the sidecar of that one. */
export const moveTag: EffectDefinition<'move-tag'> = {
  describe: (effect) => text(effect),
  isNote: false,
  journalled: { atResult: (marks, at) => ({ ...marks, tagMovedAt: at }) },
  leavesValid: [],
  perform: async (effect, context) =>
    context.plan.direction === 'back' ? await moveBack(effect, context) : await moveForward(effect, context),
};

type MoveTag = EffectOf<'move-tag'>;

const text = ({ tag, revision }: MoveTag): string => `point tag ${tag} at ${revision}`;

/** With `-y` istioctl applies over a conflict and does not report it, so the conflicts are asked for first. */
async function moveForward(effect: MoveTag, { meshTool }: EffectContext): Promise<void> {
  const conflict = await meshTool.tagConflicts(effect.tag, effect.revision);
  if (conflict !== '') throw new Error(`istioctl sees a conflict: ${conflict}`);
  await setTag(effect, meshTool);
}

/**
 * A tag that stays on a bad revision is worse than any conflict that istioctl could find, and istioctl may hang, be missing, or be
 * too old. So the objects are written back as the journal has them, in one request each; istioctl is asked only if that fails.
 */
async function moveBack(effect: MoveTag, { cluster, meshTool, journal, plan, emit }: EffectContext): Promise<void> {
  try {
    await restoreTag(cluster, journal.current.originals, plan);
  } catch (failure) {
    const message = `${messageOf(failure)}; asking istioctl instead`;
    emit({ kind: 'effect-failed', effect, text: text(effect), message });
    try {
      // An istioctl older than the one that moved the tag forward moves only part of it back (istio/istio#56963).
      if (isOlder(await meshTool.version(), plan.versions.from))
        throw new Error('istioctl is too old to move the tag back');
      await setTag(effect, meshTool);
    } catch (second) {
      throw new AggregateError([failure, second], `by our own writes: ${messageOf(failure)}; and ${messageOf(second)}`);
    }
  }
}

const setTag = async (
  { tag, revision, keepsAutoInject }: MoveTag,
  meshTool: EffectContext['meshTool'],
): Promise<void> => await meshTool.setTag(tag, revision, { autoInjectNamespaces: keepsAutoInject });
