import { ClusterDiffers } from '../checks/cluster.ts';
import { describeOwners } from '../checks/owners.ts';
import { missingTag } from '../checks/tags.ts';
import type { Config } from '../config/config.ts';
import { belongsTo } from '../mesh/belongs-to.ts';
import { namespacesThatLeft, withoutLabel } from '../mesh/disturbances.ts';
import { observeGiven } from '../mesh/observe/configurations.ts';
import { versionTold } from '../mesh/observe/version-told.ts';
import { observeMesh } from '../mesh/observe.ts';
import { pointsTo } from '../mesh/tag-strays.ts';
import type { Problem } from '../model/finding.ts';
import { isFinished, type Journal } from '../model/journal.ts';
import { hasLabelled } from '../model/marks.ts';
import type { Plan } from '../model/plan.ts';
import { isOfPlan } from '../model/restart-mark.ts';
import type { Revision } from '../model/revision.ts';
import type { World } from '../model/world.ts';
import { makePlan, revisionOfTag } from '../plan/make-plan.ts';
import type { MeshTool } from '../ports/mesh-tool.ts';
import { OtherUpgradeUnfinished } from './engine-errors.ts';
import { noMarks, type Run } from './run.ts';

const planAspects = ['identity', 'controlPlanes', 'tags', 'webhooks', 'namespaces', 'workloads'] as const;

/**
 * The plan for a config: of the unfinished journal's upgrade if there is one, else of a new one.
 * @param replan a person accepts what has changed since; else a namespace with sidecars that left the tag stays in the wave "*", and
 *   stops the run (NAMESPACE_LEFT_TAG)
 * @returns also which tool owns which part of the mesh, in words, and `tagless`: that there is no tag, so that no namespace follows it
 */
export async function planFor(
  run: Run,
  config: Config,
  journal: Journal | undefined,
  replan = false,
): Promise<{
  plan: Plan;
  problems: readonly Problem[];
  resumed: boolean;
  owners: readonly string[];
  tagless: readonly Problem[];
}> {
  const observed = await observeMesh(run.ports, planAspects, config.mesh.namespace);
  const unfinished = journal !== undefined && !isFinished(journal) ? journal : undefined;
  if (unfinished !== undefined) {
    if (unfinished.plan.clusterUid !== observed.identity.clusterUid)
      throw ClusterDiffers.of(unfinished.plan.clusterUid, observed.identity.clusterUid);
    if (unfinished.plan.to !== config.target.revision)
      throw OtherUpgradeUnfinished.of(
        config.mesh.tag,
        `${unfinished.plan.from} -> ${unfinished.plan.to}`,
        `-> ${config.target.revision}`,
        unfinished.marks.removalBegan !== undefined,
      );
  }
  const from = unfinished?.plan.from ?? revisionOfTag(observed, config.mesh.tag) ?? '';
  const isVersionKnown = Boolean(unfinished?.plan.versions.from);
  const world = isVersionKnown ? observed : await withVersionOf(from, observed, run.ports.meshTool);
  const underWay = unfinished && {
    plan: unfinished.plan,
    stays: replan ? new Set<string>() : leftTag(world, unfinished),
    isInstalled: unfinished.marks.installed !== undefined,
  };
  // Of an istiod that is removed already, the plan that removes it knows.
  const given =
    (await observeGiven(run.ports.cluster, from, config.mesh.namespace)) ?? unfinished?.plan.install.carried;
  const made = makePlan(world, config, from, restartsOf(unfinished, world) ?? run.runId, underWay, given);
  const owners = describeOwners(world, made.plan);
  const tagless = missingTag({ ...world, marks: unfinished?.marks ?? noMarks }, made.plan);
  if (unfinished === undefined) return { ...made, resumed: false, owners, tagless };
  const versions = { ...made.plan.versions, from: made.plan.versions.from || unfinished.plan.versions.from };
  // What was allowed when the upgrade began stays allowed: a run that goes on must not be refused halfway.
  const allowed = unfinished.plan.allowDowngrade === true ? { allowDowngrade: true as const } : {};
  const plan: Plan = { ...made.plan, versions, bare: unfinished.plan.bare, ...allowed };
  return { plan, problems: made.problems, resumed: true, owners, tagless };
}

/** An istiod whose image tells no version is asked for it. */
async function withVersionOf<W extends Pick<World, 'controlPlanes'>>(
  revision: Revision,
  world: W,
  meshTool: MeshTool,
): Promise<W> {
  const istiod = world.controlPlanes.get(revision);
  if (istiod?.deployment === undefined || istiod.version !== undefined) return world;
  const version = await versionTold(meshTool, revision);
  return { ...world, controlPlanes: new Map([...world.controlPlanes, [revision, { ...istiod, version }]]) };
}

/** Namespaces of an unfinished plan that left the tag although their pods have sidecars: they were not deleted, their labels were. */
const leftTag = (world: Pick<World, 'namespaces' | 'workloads'>, { plan }: Journal): ReadonlySet<string> =>
  new Set(namespacesThatLeft(world, plan).flatMap(({ objects }) => objects));

/**
 * Whose restarts count as made: those of the journal's run, so that none is made twice. But when another writer has moved the
 * tag away meanwhile, had taken a namespace from it, or the label from the canary, pods that were created since then have the wrong proxy or none, and
 * this run restarts them under its own name.
 */
function restartsOf(
  unfinished: Journal | undefined,
  world: Pick<World, 'tags' | 'workloads' | 'namespaces'>,
): string | undefined {
  if (unfinished === undefined) return undefined;
  const { plan, marks } = unfinished;
  const isMovedAway = marks.tagMovedAt !== undefined && revisionOfTag(world, plan.tag) !== plan.to;
  const isUnlabelled =
    hasLabelled(marks) && !pointsTo(world.tags, plan.tag, plan.to) && withoutLabel(world, plan).length > 0;
  const isBare = world.workloads.some(
    (workload) => isOfPlan(workload.restartedBy, plan) && belongsTo(workload, plan) && workload.pods.has('none'),
  );
  return isMovedAway || isUnlabelled || isBare ? undefined : plan.runId;
}
