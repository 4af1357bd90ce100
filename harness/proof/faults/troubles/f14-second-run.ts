import { type Draw, someTime } from './trouble.ts';

/** A second run is started, while the first works, holds or has just died. */
export const secondRun: Draw = (random) => ({
  kind: 'F14',
  what: 'a second run is started',
  atMs: someTime(random),
  forMs: 0,
  begin: ({ besides }) => {
    besides();
    return () => undefined;
  },
});
