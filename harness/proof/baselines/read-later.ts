import type { Contender } from '../faults/contender.ts';

/** What `istioctl uninstall` deletes in the background is gone by then, so that nobody is blamed for these moments. */
const readAfterMs = 10_000;

/** A contender whose claim is read, and held against the mesh, a little later than it is made. */
export function readLater(contender: Contender): Contender {
  return {
    name: contender.name,
    start: async (sim, options) => {
      const attempt = await contender.start(sim, options);
      const done = attempt.done.then(async (claim) => {
        if (claim.end !== 'unfinished') await sim.clock.sleep(readAfterMs);
        return claim;
      });
      return { ...attempt, done };
    },
  };
}
