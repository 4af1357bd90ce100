import { checkCluster } from '../checks/cluster.ts';
import { checkControlPlanes } from '../checks/control-planes.ts';
import { checkInjections } from '../checks/injections.ts';
import { checkIstioFindings } from '../checks/istio-findings.ts';
import { checkNamespaces } from '../checks/namespaces.ts';
import { checkTags } from '../checks/tags.ts';
import { checkVersions } from '../checks/versions.ts';
import { checkWaivers } from '../checks/waivers.ts';
import { checkWorkloads } from '../checks/workloads.ts';
import { type Finding, isProblem } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { defineStage } from '../model/stage.ts';
import type { World } from '../model/world.ts';

/** Stage 1: nothing is touched. Every check holds at any point of an upgrade, so that a resumed run passes it again. */
export const precheck = defineStage({
  step: 'precheck',
  looksAt: [
    'identity',
    'controlPlanes',
    'webhooks',
    'tags',
    'namespaces',
    'workloads',
    'loosePods',
    'injections',
    'findings',
    'istioFindings',
    'marks',
    'now',
  ],
  requires: (world, plan) => allFindings(world, plan).filter(isProblem),
  effects: () => [],
  missing: (world, plan) =>
    allFindings(world, plan)
      .filter(isProblem)
      .map(({ code, message }) => ({ what: code, is: message, wants: 'repaired' })),
  proof: (world, plan) => {
    const notes = allFindings(world, plan).length;
    return `${world.workloads.length} workloads, ${world.injections.length} dry-run pods${notes > 0 ? `, ${notes} ${notes === 1 ? 'finding' : 'findings'} that do not block` : ', nothing found'}`;
  },
});

type Observed = Pick<
  World,
  | 'identity'
  | 'controlPlanes'
  | 'webhooks'
  | 'tags'
  | 'namespaces'
  | 'workloads'
  | 'loosePods'
  | 'injections'
  | 'findings'
  | 'istioFindings'
  | 'marks'
  | 'now'
>;

/** All that the checks have to say, blocking or not; `check` prints it. */
export function allFindings(observed: Observed, plan: Plan): readonly Finding[] {
  const world = observed.marks.removalBegan === undefined ? observed : withoutOld(observed, plan);
  return [
    ...checkCluster(world, plan),
    ...checkVersions(world, plan),
    ...checkTags(world, plan),
    ...checkControlPlanes(world, plan),
    ...checkNamespaces(world, plan),
    ...checkWorkloads(world, plan),
    ...checkWaivers(world, plan),
    ...checkInjections(world, [plan.from, plan.to]),
    ...checkIstioFindings(world),
    ...world.findings,
  ];
}

/** Once stage 8 has begun to remove the old revision, what is left of it is stage 8's to finish, and no fault of the mesh. */
function withoutOld(world: Observed, { from }: Plan): Observed {
  return {
    ...world,
    controlPlanes: new Map([...world.controlPlanes].filter(([revision]) => revision !== from)),
    webhooks: world.webhooks.filter(({ revision }) => revision !== from),
  };
}
