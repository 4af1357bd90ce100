import { among, aWhile, type Draw, someTime } from './trouble.ts';

const hows = [
  'down',
  'empty',
  'behind',
  'not scraping',
  'not scraping the canary',
  'warns',
  'slow',
  'restarting',
] as const;

export const prometheus: Draw = (random) => {
  const how = random.pick(hows);
  const [atMs, forMs] = [someTime(random), aWhile(random, 180_000)];
  return {
    kind: 'F6',
    what: `Prometheus ${how}`,
    atMs,
    forMs,
    begin: ({ arena, random: dice }) => {
      const { prometheus: it } = arena.sim;
      switch (how) {
        case 'down':
          it.faults.down = true;
          return () => {
            it.faults.down = false;
          };
        case 'empty':
          it.faults.empty = true;
          return () => {
            it.faults.empty = false;
          };
        case 'behind':
          return it.stopScraping(null, 'behind');
        case 'not scraping':
          return it.stopScraping(null, 'refused');
        case 'not scraping the canary':
          return it.stopScraping('bar', 'refused');
        case 'warns': {
          it.faults.warnings.push('the data may be wrong');
          return () => {
            it.faults.warnings.length = 0;
          };
        }
        case 'slow':
          return among(arena.tampers, {
            onRequest: ({ path }) => (path.includes('/proxy/') ? { slowMs: 10_000 } : undefined),
          });
        case 'restarting':
          return among(arena.tampers, {
            onRequest: ({ path }) => (path.includes('/proxy/') && dice.next() < 0.5 ? { status: 503 } : undefined),
          });
      }
    },
  };
};
