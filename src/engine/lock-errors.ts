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
    'Another run of the same tag works now, or one died less than half a minute ago and its lock has not lapsed yet.',
  message: (tag: string, holder: Holder) => `The lock of tag "${tag}" is held by ${described(holder)}.`,
  hint: (_tag: string, { id }: Holder) =>
    `Let it end, or end it there. A run that died loses its lock by itself in half a minute; if you know better: istio-canary-upgrade unlock --holder ${shellWord(id)}`,
  actor: 'workflow author',
  state: 'This run touched nothing. What the other one does, `istio-canary-upgrade status` says.',
  exit: 'blocked',
  blames: 'person',
  remedy:
    'Let the other run end, or end it where it runs. The lock of a dead run lapses by itself in half a minute; if you are certain: istio-canary-upgrade unlock --holder ID',
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
  hint: 'The other run goes on from here. If there is none, run again.',
  actor: 'workflow author',
  state: 'This run starts nothing more; what was in flight has settled. Both control planes run.',
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
