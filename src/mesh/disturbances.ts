import { defineFinding, type Problem } from '../model/finding.ts';
import { type Plan, strategyOf } from '../model/plan.ts';
import type { NamespaceState, World } from '../model/world.ts';
import { belongsTo } from './belongs-to.ts';
import { selectedTwice } from './double-selection.ts';
import { pointsTo, tagMovedAway } from './tag-strays.ts';

export const ControlPlaneLost = defineFinding({
  code: 'CONTROL_PLANE_LOST',
  severity: 'blocks',
  title: 'The istiod that the tag points to does not serve, so new pods cannot start.',
  cause:
    'Its Deployment was deleted or scaled to zero, or its pods have not been ready for 30 seconds. The injection webhook has failurePolicy Fail: without an answer, the API server refuses each new pod.',
  fix: 'Repair that istiod until it is ready (`kubectl -n istio-system get deploy,pods -l app=istiod`), or roll back.',
  blames: 'release',
  needsFreshLists: true,
});

export const NamespaceLeftTag = defineFinding({
  code: 'NAMESPACE_LEFT_TAG',
  severity: 'blocks',
  title: 'A namespace of the plan no longer follows the revision tag.',
  cause: 'Its labels istio.io/rev or istio-injection were changed while the upgrade ran.',
  fix: 'Restore its labels and run again, or continue without the namespace: --replan.',
  blames: 'surroundings',
});

export const CanaryLabelLost = defineFinding({
  code: 'CANARY_LABEL_LOST',
  severity: 'blocks',
  title: 'A namespace of the canary has lost the label of the new revision.',
  cause:
    'With strategy canary-first the label gives its pods the new proxy. Another writer has changed it: most often GitOps that applies the manifest of the namespace. Pods that were created since then may run the old proxy.',
  fix: 'Stop that writer, then run again: the label is put again, and the canary restarted once more. Or roll back.',
  blames: 'surroundings',
});

/** An istiod that is replaced or rescheduled is ready again within this time; pods wait that long without harm. */
const istiodMayBeAwayMs = 30_000;

/** What other writers or failures changed in the mesh since the tag was moved. While there is any, nothing is restarted. */
export function disturbances(
  world: Pick<World, 'tags' | 'controlPlanes' | 'namespaces' | 'workloads' | 'now'>,
  plan: Plan,
): readonly Problem[] {
  return [
    ...tagMovedAway(world.tags, plan),
    ...controlPlaneLost(world, plan),
    ...selectedTwice(world, plan),
    ...namespacesThatLeft(world, plan),
  ];
}

/**
 * The same for the stages of the canary. With canary-first the tag has not moved yet: it must point to the old revision as before, and the
 * canary have its label. A tag that points to the new one was moved by this upgrade or by a person, and stage 3 decides about it.
 */
export function canaryDisturbances(
  world: Pick<World, 'tags' | 'controlPlanes' | 'namespaces' | 'workloads' | 'now'>,
  plan: Plan,
): readonly Problem[] {
  if (strategyOf(plan) === 'tag-first' || pointsTo(world.tags, plan.tag, plan.to)) return disturbances(world, plan);
  return [
    ...tagMovedAway(world.tags, { ...plan, to: plan.from }),
    ...canaryWithoutIstiod(world, plan),
    ...selectedTwice(world, plan),
    ...labelsLost(world, plan),
  ];
}

/** The API server asks the new istiod about every pod of the canary. */
export const canaryWithoutIstiod = (world: Pick<World, 'controlPlanes' | 'now'>, plan: Plan): readonly Problem[] =>
  controlPlaneLost(world, plan, 'which the label of the canary names');

/** The namespaces of the canary whose pods would not get the new proxy. */
export function withoutLabel({ namespaces }: Pick<World, 'namespaces'>, plan: Plan): readonly NamespaceState[] {
  const [canary] = plan.waves;
  return (canary?.namespaces ?? []).flatMap((name) => {
    const namespace = namespaces.get(name);
    if (namespace === undefined || namespace.terminating) return [];
    const { 'istio.io/rev': revision, 'istio-injection': injection } = namespace.labels;
    return revision === plan.to && injection === undefined ? [] : [namespace];
  });
}

function labelsLost(world: Pick<World, 'namespaces'>, plan: Plan): readonly Problem[] {
  return withoutLabel(world, plan).map(({ name, managers }) =>
    CanaryLabelLost.of(
      `Namespace ${name} of the canary should be labelled istio.io/rev=${plan.to} until the upgrade is over, and is not any more (field managers: ${managers.join(', ') || 'none'}).`,
      [name],
    ),
  );
}

/** The API server asks this istiod about every pod created now, and failurePolicy Fail refuses the pod without an answer. */
export function controlPlaneLost(
  { controlPlanes, now }: Pick<World, 'controlPlanes' | 'now'>,
  { to }: Plan,
  named = 'which the tag names',
): Problem[] {
  const { deployment } = controlPlanes.get(to) ?? {};
  const since = deployment?.unavailableSince;
  // Of several replicas one is enough, though the Deployment then counts as not available.
  const mayServe = deployment !== undefined && deployment.ready > 0;
  if (mayServe || (deployment !== undefined && (since === undefined || now - since < istiodMayBeAwayMs))) return [];
  const what =
    deployment === undefined
      ? 'its Deployment is gone'
      : `not available for ${Math.round((now - (since ?? now)) / 1000)} s`;
  return [
    ControlPlaneLost.of(
      `istiod ${to}, ${named}, does not serve: ${what}. New pods cannot start.`,
      [deployment?.name ?? `istiod ${to}`],
      `Bring istiod ${to} up, or roll the upgrade back.`,
    ),
  ];
}

/** Namespaces whose pods run a sidecar, or lost it by our restart, and that no longer follow the tag. */
export function namespacesThatLeft(
  { namespaces, workloads }: Pick<World, 'namespaces' | 'workloads'>,
  plan: Plan,
): Problem[] {
  const { waves, tag, runId } = plan;
  const planned = new Set(waves.flatMap((wave) => wave.namespaces));
  const inMesh = workloads.filter(
    ({ namespace, pods, restartedBy }) =>
      planned.has(namespace) &&
      ([...pods.keys()].some((revision) => revision !== 'none') || (pods.size > 0 && restartedBy?.runId === runId)),
  );
  return [...Map.groupBy(inMesh, ({ namespace }) => namespace)].flatMap(([name, members]) => {
    if (members.some((workload) => belongsTo(workload, plan))) return [];
    const { labels = {}, managers = [] } = namespaces.get(name) ?? {};
    // The labels of the namespace still follow the tag: its remaining pods are pinned by their own labels, as before.
    if (labels['istio.io/rev'] === tag || (tag === 'default' && labels['istio-injection'] === 'enabled')) return [];
    const named = ['istio.io/rev', 'istio-injection'].flatMap((key) =>
      labels[key] === undefined ? [] : [`${key}=${labels[key]}`],
    );
    return [
      NamespaceLeftTag.of(
        `Namespace ${name} is in the plan and no longer follows tag "${tag}": it is labelled ${named.join(', ') || 'with neither'}.`,
        [name],
        `Its labels were changed (field managers: ${managers.join(', ') || 'none'}). Restore them and run again, or continue without the namespace: --replan.`,
      ),
    ];
  });
}
