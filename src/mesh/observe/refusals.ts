import type { Plan } from '../../model/plan.ts';
import type { Comparison, Injection, Trouble, Workload, World } from '../../model/world.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import { compareRevisions } from '../probe/compare-revisions.ts';
import { isInjectorDown, isQuotaFull, isRefusedByAdmission } from '../probe/read-answer.ts';
import { witnessesOf } from './injections.ts';

type Mesh = Pick<World, 'webhooks' | 'namespaces'>;

/** Workloads that are asked in one snapshot; the others follow when these are set aside or accepted. */
const askedMax = 20;
/** Members of a class that are asked when what the first ones are told says nothing of it. */
const triedMax = 3;

/** Workloads whose controllers say that their new pods are refused, or whose pods are missing: those that we restarted come first. */
export function refusedWorkloads(followers: readonly Workload[], troubles: readonly Trouble[]): readonly Workload[] {
  const missing = new Set(troubles.filter(({ what }) => what === 'missing').map(({ workload }) => workload));
  const isRefused = ({ id, rollout: { refused } }: Workload): boolean =>
    missing.has(id) || (refused !== undefined && !isQuotaFull(refused) && !isInjectorDown(refused));
  return followers
    .filter(isRefused)
    .toSorted((a, b) => Number(b.restartedBy !== undefined) - Number(a.restartedBy !== undefined))
    .slice(0, askedMax);
}

/** @param followers all that follows the tag: others of the classes of the refused ones are asked too */
export async function observeRefusals(
  cluster: Cluster,
  refused: readonly Workload[],
  followers: readonly Workload[],
  plan: Plan,
  mesh: Mesh,
): Promise<readonly Comparison[]> {
  if (refused.length === 0) return [];
  const classes = await witnessesOf(cluster, mesh.namespaces, followers);
  return await Promise.all(
    refused.map((workload) => {
      const members = classes.find((each) => each.includes(workload)) ?? [];
      return compareRevisions(cluster, workload, without(members, workload), plan, mesh);
    }),
  );
}

/** How the API server would treat the pods of each class if the tag named the target: asked before it does. */
export async function observeProspects(
  cluster: Cluster,
  followers: readonly Workload[],
  plan: Plan,
  mesh: Mesh,
): Promise<readonly Comparison[]> {
  const classes = await witnessesOf(cluster, mesh.namespaces, followers);
  const asked = await Promise.all(
    classes.map(async (members) => {
      let last: Comparison | undefined;
      for (const workload of members.slice(0, triedMax)) {
        last = await compareRevisions(cluster, workload, without(members, workload), plan, mesh);
        if ('revision' in last.to || 'refused' in last.to) break;
      }
      return last;
    }),
  );
  return asked.flatMap((comparison) => comparison ?? []);
}

/** The workloads whose dry-run pods are refused by something else than their injector. */
export function refusedWitnesses(
  injections: readonly Injection[],
  followers: readonly Workload[],
): readonly Workload[] {
  const refused = new Set(
    injections.filter(({ outcome }) => isRefusedByAdmission(outcome)).map(({ workload }) => workload),
  );
  return followers.filter(({ id }) => refused.has(id));
}

const without = (members: readonly Workload[], workload: Workload): readonly Workload[] =>
  members.filter((member) => member !== workload);
