import { type Problem, problem } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import type { World } from '../model/world.ts';
import { tagMovedAway } from './tag-strays.ts';

/** An istiod that is replaced or rescheduled is back within this time; pods wait that long without harm. */
const istiodMayBeAwayMs = 30_000;

/** What other hands or bad luck have done to the mesh since the tag was moved: nothing is restarted on such ground. */
export function disturbances(
  world: Pick<World, 'tags' | 'controlPlanes' | 'namespaces' | 'workloads' | 'now'>,
  plan: Plan,
): readonly Problem[] {
  return [
    ...tagMovedAway(world.tags, plan.tag, plan.to),
    ...controlPlaneLost(world, plan),
    ...(plan.direction === 'back' ? [] : namespacesThatLeft(world, plan)),
  ];
}

/** Every pod that is born now asks this istiod, and failurePolicy Fail lets none be born without its answer. */
export function controlPlaneLost(
  { controlPlanes, now }: Pick<World, 'controlPlanes' | 'now'>,
  { to }: Plan,
): Problem[] {
  const { deployment } = controlPlanes.get(to) ?? {};
  const since = deployment?.unavailableSince;
  if (deployment !== undefined && (since === undefined || now - since < istiodMayBeAwayMs)) return [];
  const what =
    deployment === undefined
      ? 'its Deployment is gone'
      : `not available for ${Math.round((now - (since ?? now)) / 1000)} s`;
  return [
    problem(
      'CONTROL_PLANE_LOST',
      `istiod ${to}, which the tag names, does not serve: ${what}. New pods cannot start.`,
      `Bring istiod ${to} up, or take the upgrade back.`,
      [deployment?.name ?? `istiod ${to}`],
    ),
  ];
}

/** Their pods run a sidecar, or lost it by our restart, and nothing in them follows the tag any more. */
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
    // What is left there is pinned by its own labels, as it was before; the namespace still says where it belongs.
    if (labels['istio.io/rev'] === tag || (tag === 'default' && labels['istio-injection'] === 'enabled')) return [];
    const named = ['istio.io/rev', 'istio-injection'].flatMap((key) =>
      labels[key] === undefined ? [] : [`${key}=${labels[key]}`],
    );
    return [
      problem(
        'NAMESPACE_LEFT_TAG',
        `Namespace ${name} is in the plan and no longer follows tag "${tag}": it is labelled ${named.join(', ') || 'with neither'}.`,
        `Somebody changed its labels (field managers: ${managers.join(', ') || 'none'}). Put them back and run again, or go on without it: --replan.`,
        [name],
      ),
    ];
  });
}
