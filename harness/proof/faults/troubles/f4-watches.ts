import { compactAndEndWatches, dropWatchEvents, duplicateWatchEvents } from '../watch-tampers.ts';
import { among, aWhile, type Draw, someTime } from './trouble.ts';

const hows = ['dropped', 'duplicated and reordered', 'ended again and again', '410 again and again'] as const;

export const watches: Draw = (random) => {
  const how = random.pick(hows);
  const [atMs, forMs] = [someTime(random), aWhile(random, 60_000)];
  const everyMs = Math.round(random.between(200, 10_000));
  return {
    kind: 'F4',
    what: `watch events ${how}`,
    // What stands between a watch and its reader has to be there when the watch begins.
    atMs: how === 'duplicated and reordered' ? 0 : atMs,
    forMs: how === 'duplicated and reordered' ? atMs + forMs : forMs,
    begin: ({ arena }) => {
      const { sim, tampers } = arena;
      if (how === 'dropped') return among(tampers, dropWatchEvents(sim, forMs));
      let isOn = true;
      const end = () => {
        isOn = false;
      };
      if (how === 'duplicated and reordered') {
        // Stays in the way, and lets everything pass once it is over.
        tampers.push(duplicateWatchEvents(() => isOn));
        return end;
      }
      const again = () => {
        if (!isOn) return;
        if (how === '410 again and again') compactAndEndWatches(sim);
        else sim.transport.watches.endAll();
        sim.in(everyMs, again);
      };
      again();
      return end;
    },
  };
};
