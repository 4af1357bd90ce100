import { aWhile, type Draw, someTime } from './trouble.ts';

const hows = [
  'everywhere from the first proxy on',
  'everywhere from the first proxy on',
  'in one namespace',
  'after a while',
  'a blip',
  'of both releases',
] as const;

/** The new release fails requests. */
export const regression: Draw = (random) => {
  const how = random.pick(hows);
  // In the last wave, and after it, there is no rest of the mesh: there, failures below 5 % hold the run.
  const mayBeLate = how === 'in one namespace' || how === 'after a while';
  const ratio = random.pick(mayBeLate ? [0.3, 0.3, 1] : [0.05, 0.3, 1]);
  const later = someTime(random);
  const blipMs = aWhile(random, 60_000);
  const scope = { revision: '1-31-0' };
  const common = {
    kind: 'F10',
    what: `${ratio * 100} % of requests fail ${how}`,
    forMs: Number.POSITIVE_INFINITY,
  } as const;
  switch (how) {
    case 'everywhere from the first proxy on':
      return {
        ...common,
        atMs: 0,
        release: 'must go back',
        begin: ({ arena: { sim, referee } }) => {
          referee.conditions.badRelease = true;
          sim.traffic.setErrorRatio({ ...scope, ratio });
          return () => undefined;
        },
      };
    case 'in one namespace':
      return {
        ...common,
        atMs: 0,
        release: 'must go back',
        begin: ({ arena: { sim } }) => {
          sim.traffic.setErrorRatio({ ...scope, namespace: 'foo', ratio });
          return () => undefined;
        },
      };
    case 'after a while':
      return {
        ...common,
        atMs: later,
        release: 'may go back',
        begin: ({ arena: { sim } }) => {
          sim.traffic.setErrorRatio({ ...scope, ratio });
          return () => undefined;
        },
      };
    case 'a blip':
    case 'of both releases':
      return {
        ...common,
        atMs: later,
        forMs: blipMs,
        release: 'may go back',
        begin: ({ arena: { sim } }) => {
          const where = how === 'a blip' ? scope : {};
          sim.traffic.setErrorRatio({ ...where, ratio });
          return () => sim.traffic.setErrorRatio({ ...where, ratio: 0 });
        },
      };
  }
};
