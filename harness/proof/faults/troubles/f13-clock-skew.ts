import { type Draw, runMs } from './trouble.ts';

const hourMs = 3_600_000;

/** The machine that runs the upgrade has another time than the cluster. */
export const clockSkew: Draw = (random) => {
  const skewMs = Math.round(random.pick([-24 * hourMs, -hourMs, -40_000, -1_500, 1_500, 40_000, hourMs, 24 * hourMs]));
  return {
    kind: 'F13',
    what: `a clock that is off by ${skewMs} ms`,
    atMs: 0,
    forMs: runMs,
    begin: ({ arena }) => {
      arena.clockSkewMs = skewMs;
      return () => {
        arena.clockSkewMs = 0;
      };
    },
  };
};
