import { compactAndEndWatches, staleLists } from '../watch-tampers.ts';
import { type Draw, runMs, someTime } from './trouble.ts';

/** The API server's cache lags: for some seconds lists say what they said before, and watches have to be begun anew from them. */
export const stale: Draw = (random) => {
  const atMs = someTime(random);
  const lagMs = Math.round(random.between(500, 10_000));
  return {
    kind: 'F5',
    what: `lists lag by up to ${lagMs} ms from ${atMs} ms on`,
    atMs: 0,
    forMs: runMs,
    begin: ({ arena: { sim, tampers } }) => {
      let isOn = false;
      tampers.push(staleLists(() => isOn));
      sim.in(atMs, () => {
        isOn = true;
        compactAndEndWatches(sim);
        sim.in(lagMs, () => {
          isOn = false;
        });
      });
      return () => {
        isOn = false;
      };
    },
  };
};
