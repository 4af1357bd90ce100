import type { IstioctlFault, RequestFault } from '../tamper.ts';
import { isApiWrite, isIstioctlWrite } from '../writers.ts';
import { among, aWhile, type Draw, someTime } from './trouble.ts';

const requestFaults: readonly (readonly [string, RequestFault])[] = [
  ['409', { status: 409 }],
  ['429', { status: 429, retryAfterSeconds: 3 }],
  ['500', { status: 500 }],
  ['503', { status: 503 }],
  ['504 after commit', { status: 504, after: 'write' }],
  ['timeout after commit', 'timeout-after-commit'],
  ['timeout before commit', 'timeout-before-commit'],
  ['2 s late', { slowMs: 2_000 }],
];
const istioctlFaults: readonly IstioctlFault[] = ['fail-before', 'fail-after', 'hang-before', 'hang-after'];

/** A share of the requests fails, by verb. */
export const failingRequests: Draw = (random) => {
  const [name, fault] = random.pick(requestFaults);
  const verbs = random.pick(['reads', 'writes', 'all'] as const);
  const share = random.pick([0.05, 0.2, 0.5]);
  const [atMs, forMs] = [someTime(random), aWhile(random)];
  // Reads have nothing to be in conflict with.
  const meant = name === '409' ? 'writes' : verbs;
  return {
    kind: 'F3',
    what: `${name} for ${share * 100} % of ${meant}`,
    atMs,
    forMs,
    begin: ({ arena, random: dice }) => {
      const isMeant = (isWrite: boolean) => meant === 'all' || (meant === 'writes') === isWrite;
      return among(arena.tampers, {
        onRequest: (request) => (isMeant(isApiWrite(request)) && dice.next() < share ? fault : undefined),
        onIstioctl: (args) =>
          isIstioctlWrite(args) && isMeant(true) && dice.next() < share ? dice.pick(istioctlFaults) : undefined,
      });
    },
  };
};
