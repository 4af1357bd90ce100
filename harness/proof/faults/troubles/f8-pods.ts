import { revisionIn } from '../mesh-facts.ts';
import { aWhile, type Draw, someTime } from './trouble.ts';

const stages = ['image-pull', 'crash-loop', 'never-ready', 'unschedulable'] as const;

/** Pods of one namespace that are created in that time do not get ready. */
export const brokenPods: Draw = (random) => {
  const stage = random.pick(stages);
  const namespace = random.pick(['bar', 'foo', 'baz', 'istio-ingress']);
  const revision = random.pick(['1-31-0', '1-31-0', '1-30-4']);
  return {
    kind: 'F8',
    what: `${stage} of pods of ${revision} in ${namespace}`,
    atMs: someTime(random),
    forMs: aWhile(random, 300_000),
    release: 'may go back',
    begin: ({ arena: { sim } }) => {
      const bornFrom = sim.clock.now();
      return sim.kubelet.addRule({
        matches: (pod) =>
          pod.metadata.namespace === namespace &&
          revisionIn(pod) === revision &&
          Date.parse(pod.metadata.creationTimestamp ?? '') >= bornFrom,
        stage,
      });
    },
  };
};
