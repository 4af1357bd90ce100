import { StatusFailure } from '../../../rehearsal/sim/api-server/status-failure.ts';
import { aWhile, type Draw, someTime } from './trouble.ts';

const hows = {
  'its quota is used up': 'exceeded quota: compute, requested: pods=1, used: pods=9, limited: pods=9',
  'a new policy refuses every pod': 'admission webhook "validate.example.com" denied the request: not today',
} as const;

/** The pods of one namespace are refused, with whatever proxy. */
export const refusals: Draw = (random) => {
  const how = random.pick(Object.keys(hows) as (keyof typeof hows)[]);
  const namespace = random.pick(['foo', 'bar', 'baz']);
  return {
    kind: 'F16',
    what: `namespace ${namespace}: ${how}`,
    atMs: someTime(random),
    // Controllers try again later each time: after five minutes it would take them as long again.
    forMs: aWhile(random, 60_000),
    begin: ({ arena: { sim } }) => {
      const isOn = [true];
      sim.registry.useAdmission(({ object, operation }) => {
        if (
          isOn.length > 0 &&
          operation === 'CREATE' &&
          object.kind === 'Pod' &&
          object.metadata.namespace === namespace
        )
          throw new StatusFailure(403, 'Forbidden', `pods "${object.metadata.name}" is forbidden: ${hows[how]}`);
        return object;
      });
      return () => void isOn.pop();
    },
  };
};
