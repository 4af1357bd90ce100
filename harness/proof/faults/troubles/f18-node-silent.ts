import type { Pod } from '../../../../src/ports/objects.ts';
import { aWhile, type Draw, someTime } from './trouble.ts';

/** A node does not report for a while: its kubelet starts and ends no pod, and the pods on it are marked as not ready. */
export const nodeSilent: Draw = (random) => {
  const name = random.pick(['node-1', 'node-2', 'node-3']);
  return {
    kind: 'F18',
    what: `${name} does not report`,
    atMs: someTime(random),
    forMs: aWhile(random, 300_000),
    // The only pod of an istiod may be on it.
    release: 'may go back',
    begin: ({ arena: { sim } }) => {
      const matches = ({ spec }: Pod) => spec.nodeName === name;
      const rules = [
        sim.kubelet.addRule({ matches, stage: 'marked-not-ready' }),
        sim.kubelet.addRule({ matches, stage: 'without-kubelet' }),
      ];
      return () => {
        for (const stop of rules) stop();
      };
    },
  };
};
