import { patchTemplate } from './f7-foreign-writer.ts';
import { aWhile, type Draw, someTime } from './trouble.ts';

const hows = [
  'crashes since before',
  'crashes meanwhile',
  'has a bad image',
  'gets a bad release of its team',
] as const;
const applications = ['foo', 'bar', 'baz'] as const;

/** One application fails, and the release has nothing to do with it. Only where it is all of its wave may the release be suspected. */
export const innocentWorkloads: Draw = (random) => {
  const how = random.pick(hows);
  const name = random.pick(applications);
  const pick = random.below(1_000);
  const isBefore = how === 'crashes since before';
  return {
    kind: 'F15',
    what: `Deployment ${name}/${name} ${how}`,
    atMs: isBefore ? 0 : someTime(random),
    forMs: aWhile(random, 300_000),
    ...(how === 'crashes meanwhile' && name === 'bar' && { release: 'may go back' as const }),
    begin: ({ arena }) => {
      const { sim } = arena;
      const isOf = (pod: { metadata: { namespace?: string; name: string } }) =>
        pod.metadata.namespace === name && pod.metadata.name.startsWith(`${name}-`);
      const matches =
        how === 'gets a bad release of its team'
          ? (pod: Parameters<typeof isOf>[0] & { metadata: { annotations?: Record<string, string> } }) =>
              isOf(pod) && pod.metadata.annotations?.['example.com/release'] === `${pick}`
          : isOf;
      const stop = sim.kubelet.addRule({
        matches,
        stage: how === 'has a bad image' ? 'app-image-pull' : 'app-crash-loop',
      });
      if (how !== 'gets a bad release of its team') return stop;
      patchTemplate(arena, { kind: 'Deployment', namespace: name, name }, { 'example.com/release': `${pick}` });
      return stop;
    },
  };
};
