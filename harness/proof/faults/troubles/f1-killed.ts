import { isApiWrite, isIstioctlWrite, isOfLock } from '../writers.ts';
import { among, type Draw, runMs, someTime } from './trouble.ts';

const moments = ['before', 'during', 'after'] as const;

/** The process dies at a write, or at any moment, or is told to stop. */
export const killed: Draw = (random) => {
  const how = random.pick(['at a write', 'at a write', 'at a moment', 'SIGINT'] as const);
  if (how !== 'at a write') {
    const atMs = someTime(random);
    const isKill = how === 'at a moment';
    return {
      kind: 'F1',
      what: isKill ? 'SIGKILL' : 'SIGINT',
      atMs,
      forMs: 0,
      begin: ({ current }) => {
        if (isKill) current()?.kill();
        else current()?.interrupt();
        return () => undefined;
      },
    };
  }
  const moment = random.pick(moments);
  // Counted on over the attempts: one that goes on after a kill may be killed again.
  const numbers = Array.from({ length: 1 + random.below(3) }, () => 1 + random.below(32)).sort((a, b) => a - b);
  return {
    kind: 'F1',
    what: `SIGKILL ${moment} write ${numbers.join(', ')}`,
    atMs: 0,
    forMs: runMs,
    begin: ({ arena }) => {
      let count = 0;
      return among(arena.tampers, {
        onRequest: (request) => {
          if (!isApiWrite(request) || isOfLock(request) || !numbers.includes(++count)) return undefined;
          return moment === 'before' ? 'crash-before' : 'crash-after';
        },
        onIstioctl: (args) => (isIstioctlWrite(args) && numbers.includes(++count) ? `crash-${moment}` : undefined),
      });
    },
  };
};
