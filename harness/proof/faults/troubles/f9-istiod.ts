import { Pods } from '../../../../src/ports/kinds.ts';
import { aWhile, type Draw, someTime } from './trouble.ts';

const hows = ['hangs', 'refuses', 'fails', 'never ready', 'crashes', 'dies once'] as const;

/** An istiod does not do its work. */
export const brokenIstiod: Draw = (random) => {
  const how = random.pick(hows);
  const revision = random.pick(['1-31-0', '1-31-0', '1-30-4']);
  return {
    kind: 'F9',
    what: `istiod ${revision}: ${how}`,
    atMs: someTime(random),
    forMs: aWhile(random, 180_000),
    release: 'may go back',
    begin: ({ arena: { sim } }) => {
      const ofRevision = (name: string) => name.startsWith(`istiod-${revision}-`);
      const killPods = () => {
        for (const { metadata } of sim.pods('istio-system'))
          if (ofRevision(metadata.name)) sim.registry.delete(Pods, { name: metadata.name, namespace: 'istio-system' });
      };
      if (how === 'hangs' || how === 'refuses' || how === 'fails') {
        sim.istiods.setHealth(revision, how);
        return () => sim.istiods.setHealth(revision, 'answers');
      }
      if (how === 'dies once') {
        killPods();
        return () => undefined;
      }
      const stop = sim.kubelet.addRule({
        matches: ({ metadata }) => ofRevision(metadata.name),
        stage: how === 'crashes' ? 'crash-loop' : 'never-ready',
      });
      if (how === 'never ready') killPods();
      return stop;
    },
  };
};
