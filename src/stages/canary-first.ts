import { beforeUse, usingLooksAt } from '../checks/before-use.ts';
import { checkCanaryLabels } from '../checks/canary-labels.ts';
import { describeInjections, notInjectedBy } from '../checks/injections.ts';
import { podChangeFindings } from '../checks/pod-changes.ts';
import { provingInjections } from '../checks/proving-injections.ts';
import { canaryWithoutIstiod, withoutLabel } from '../mesh/disturbances.ts';
import { pointsTo } from '../mesh/tag-strays.ts';
import { isProblem } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { defineStage, shortfall } from '../model/stage.ts';
import type { Injection, World } from '../model/world.ts';
import { refusedWithProspects } from '../rollout/refusals.ts';

/**
 * With canary-first, before stage 5: pods that are created in the namespaces of the canary get the target's sidecar, and no others.
 * Once the tag has moved there is nothing to do.
 */
export const labelCanary = defineStage({
  step: 'restart-canary',
  name: 'label-canary',
  title: 'Give the canary alone the new revision, by a label',
  looksAt: usingLooksAt,
  requires: (world, plan) => [...beforeUse(world, plan), ...checkCanaryLabels(world, plan).filter(isProblem)],
  tells: podChangeFindings,
  effects: (world, plan) =>
    withoutLabel(world, plan).map(({ name }) => ({ kind: 'label-namespace', namespace: name, revision: plan.to })),
  missing: (world, plan) => {
    if (pointsTo(world.tags, plan.tag, plan.to)) return [];
    const left = withoutLabel(world, plan).map(({ name, labels }) =>
      shortfall(`label istio.io/rev of namespace ${name}`, labels['istio.io/rev'], plan.to),
    );
    return left.length > 0 ? left : notInjectedBy(proving(world, plan), plan.to);
  },
  broken: (world, plan) =>
    withoutLabel(world, plan).length > 0
      ? []
      : [...canaryWithoutIstiod(world, plan), ...refusedWithProspects(world, plan)],
  proof: (world, plan) => {
    const names = plan.waves[0]?.namespaces.join(', ') ?? '';
    return pointsTo(world.tags, plan.tag, plan.to)
      ? `the tag points to ${plan.to} already`
      : `${names} labelled istio.io/rev=${plan.to}; ${describeInjections(proving(world, plan))}`;
  },
});

/** In the namespaces of the canary; all others still get the old sidecar. */
function proving(world: Pick<World, 'injections' | 'prospects'>, { waves }: Plan): readonly Injection[] {
  const canary = new Set(waves[0]?.namespaces);
  return provingInjections({
    ...world,
    injections: world.injections.filter(({ namespace }) => canary.has(namespace)),
  });
}

/**
 * The labels are as they were before the upgrade. On the way forward the tag names the same revision by then, so nothing restarts; on the
 * way back this comes right after the tag, before anything restarts.
 */
export const restoreLabels = defineStage({
  step: 'restart-waves',
  name: 'restore-labels',
  title: 'Put the labels of the canary back',
  looksAt: ['marks'],
  requires: () => [],
  effects: ({ marks }) => labelledIn(marks).map((namespace) => ({ kind: 'restore-labels', namespace })),
  missing: ({ marks }) =>
    labelledIn(marks).map((namespace) => shortfall(`labels of namespace ${namespace}`, 'of this upgrade', 'as before')),
  proof: () => 'every namespace has the labels that it had before',
});

const labelledIn = ({ labelled = {} }: World['marks']): readonly string[] => Object.keys(labelled).sort();
