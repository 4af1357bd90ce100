import { shellWord } from '../model/shell-word.ts';
import { defineError } from '../model/upgrade-error.ts';

interface Holder {
  id: string;
  where: string;
  since: string;
}

const described = ({ id, where, since }: Holder): string => `run ${id}, since ${since}, its log: ${where}`;

export const LockHeld = defineError({
  code: 'LOCK_HELD',
  title: 'Another run of this tag is alive.',
  cause:
    'Another run of the same tag works now, or one died less than half a minute ago and its lock has not ended yet.',
  message: (tag: string, holder: Holder) => `The lock of tag "${tag}" is held by ${described(holder)}.`,
  hint: (_tag: string, { id }: Holder) =>
    `Wait until it ends, or end it there. The lock of a dead run ends after half a minute; if you know that it is dead: istio-canary-upgrade unlock --holder ${shellWord(id)}`,
  actor: 'workflow author',
  state: 'This run changed nothing. `istio-canary-upgrade status` shows what the other run does.',
  exit: 'blocked',
  blames: 'person',
  remedy:
    'Wait until the other run ends, or end it where it runs. The lock of a dead run ends after half a minute; if you know that it is dead: istio-canary-upgrade unlock --holder ID',
  whileWriting: 'ends the run',
});

export const LockLost = defineError({
  code: 'LOCK_LOST',
  title: 'The lock was taken from this run.',
  cause:
    'The run could not renew its lock for longer than the lock lasts, and another run took it; or a person ran `unlock`.',
  message: (tag: string, holder: Holder | undefined) =>
    holder === undefined
      ? `The lock was released from outside: that of tag "${tag}" that this run held.`
      : `The lock of tag "${tag}" is now held by ${described(holder)}.`,
  hint: 'If another run has the lock, it continues the upgrade. If there is none, run again.',
  actor: 'workflow author',
  state: 'This run starts nothing more; what was in flight has settled.',
  exit: 'held',
  blames: 'surroundings',
  whileWriting: 'ends the run',
});

export const LockHolderDiffers = defineError({
  code: 'LOCK_HOLDER_DIFFERS',
  title: 'The lock is not held by that run.',
  cause: 'The run named with --holder is not the one that holds the lock now.',
  message: (tag: string, asked: string, holder: Holder | undefined) =>
    holder === undefined
      ? `No run holds the lock of tag "${tag}".`
      : `You named ${asked}; the lock of tag "${tag}" is held by ${described(holder)}.`,
  hint: (_tag: string, _asked: string, holder: Holder | undefined) =>
    holder === undefined
      ? 'There is nothing to unlock.'
      : `Make sure that this run is dead, then: istio-canary-upgrade unlock --holder ${shellWord(holder.id)}`,
  actor: 'mesh operator',
  state: 'Nothing was changed.',
  exit: 'blocked',
  blames: 'person',
  remedy: 'Look at `istio-canary-upgrade status`, make certain that the holder is dead, and name that one.',
  whileWriting: 'ends the run',
});
