import { defineFinding, type Problem } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';
import { selectedTwice } from './double-selection.ts';
import { tagMovedAway } from './tag-strays.ts';

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

/** The API server asks this istiod about every pod created now, and failurePolicy Fail refuses the pod without an answer. */
export function controlPlaneLost(
  { controlPlanes, now }: Pick<World, 'controlPlanes' | 'now'>,
  { to }: Plan,
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
      `istiod ${to}, which the tag names, does not serve: ${what}. New pods cannot start.`,
      [deployment?.name ?? `istiod ${to}`],
      `Bring istiod ${to} up, or roll the upgrade back.`,
    ),
  ];
}

/** Namespaces whose pods run a sidecar, or lost it by our restart, and that no longer follow the tag. */
export function namespacesThatLeft(
  { namespaces, workloads }: Pick<World, 'namespaces' | 'workloads'>,
  { waves, tag, runId }: Plan,
): Problem[] {
  const planned = new Set(waves.flatMap((wave) => wave.namespaces));
  const inMesh = workloads.filter(
    ({ namespace, pods, restartedBy }) =>
      planned.has(namespace) &&
      ([...pods.keys()].some((revision) => revision !== 'none') || (pods.size > 0 && restartedBy?.runId === runId)),
  );
  return [...Map.groupBy(inMesh, ({ namespace }) => namespace)].flatMap(([name, members]) => {
    if (members.some(({ follows }) => follows?.tag === tag)) return [];
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
