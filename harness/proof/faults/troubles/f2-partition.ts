import { among, aWhile, type Draw, someTime } from './trouble.ts';

/** Nothing goes through between the machine that runs the upgrade and the cluster. */
export const partition: Draw = (random) => {
  const how = random.pick(['refused', 'timeout-before-commit'] as const);
  const [atMs, forMs] = [someTime(random), aWhile(random)];
  return {
    kind: 'F2',
    what: `no way to the cluster (${how})`,
    atMs,
    forMs,
    begin: ({ arena }) => {
      const stop = among(arena.tampers, { onRequest: () => how, onIstioctl: () => 'fail-before' });
      // Connections that stand are cut, too; what comes over them is not.
      arena.sim.transport.watches.endAll();
      return stop;
    },
  };
};
