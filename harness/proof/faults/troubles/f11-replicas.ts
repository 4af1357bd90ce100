import type { WorkloadObject } from '../../../../src/ports/objects.ts';
import { workloadKinds } from '../mesh-facts.ts';
import { aWhile, type Draw, someTime } from './trouble.ts';

/** An autoscaler changes replica counts, and has them where they were at the end. */
export const replicas: Draw = (random) => {
  const everyMs = Math.round(random.between(2_000, 20_000));
  return {
    kind: 'F11',
    what: `replicas change every ${everyMs} ms`,
    atMs: someTime(random),
    forMs: aWhile(random),
    begin: ({ arena: { sim, task, referee }, random: dice }) => {
      const scaled = task.waves
        .flatMap(({ namespaces }) => namespaces)
        .flatMap((namespace) =>
          (['Deployment', 'StatefulSet'] as const).flatMap((kind) =>
            sim.store.list<WorkloadObject>(workloadKinds[kind], namespace).map(({ metadata, spec }) => ({
              kind: workloadKinds[kind],
              target: { name: metadata.name, namespace },
              before: spec.replicas ?? 1,
            })),
          ),
        );
      const scale = ({ kind, target }: (typeof scaled)[number], count: number) => {
        referee.conditions.foreignWrites.set('scale', sim.clock.now());
        sim.registry.patch(
          kind,
          target,
          { type: 'merge', body: { spec: { replicas: count } } },
          { manager: 'kube-controller-manager' },
        );
      };
      let isOn = true;
      const again = () => {
        if (!isOn) return;
        scale(dice.pick(scaled), 1 + dice.below(4));
        sim.in(everyMs, again);
      };
      again();
      return () => {
        isOn = false;
        for (const each of scaled) scale(each, each.before);
      };
    },
  };
};
