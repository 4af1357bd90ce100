import { observeMesh } from '../mesh/observe.ts';
import { isDowngrade } from '../model/downgrade.ts';
import type { Holder } from '../model/holder.ts';
import { type Journal, journalName, waveState } from '../model/journal.ts';
import { marksFor } from '../model/marks.ts';
import type { Status } from '../model/status.ts';
import type { World } from '../model/world.ts';
import { revisionOfTag } from '../plan/make-plan.ts';
import { Leases } from '../ports/kinds.ts';
import type { Lease } from '../ports/objects.ts';
import { holderOf } from './lock.ts';
import { nextWhenHeld } from './next-when-held.ts';
import type { Run } from './run.ts';

function summarize(
  world: Pick<World, 'controlPlanes' | 'tags' | 'workloads'>,
  journal: Journal | undefined,
  tag: string,
  lock: Holder | undefined,
): Status {
  const pods: Record<string, Record<string, number>> = {};
  for (const { namespace, pods: counts } of world.workloads)
    for (const [revision, count] of counts) {
      if (revision === 'none') continue;
      const row = pods[namespace] ?? {};
      pods[namespace] = row;
      row[revision] = (row[revision] ?? 0) + count;
    }
  return {
    tag: { name: tag, revision: revisionOfTag(world, tag) },
    controlPlanes: [...world.controlPlanes.values()].map(({ revision, version, deployment }) => ({
      revision,
      version,
      ready: deployment?.ready ?? 0,
      desired: deployment?.desired ?? 0,
    })),
    pods,
    run: journal && {
      id: journal.runId,
      state: journal.state,
      from: journal.plan.from,
      to: journal.plan.to,
      ...(isDowngrade(journal.plan.versions) ? { isDowngrade: true } : {}),
      ...(journal.held === undefined ? {} : { held: journal.held }),
      whenHeld: nextWhenHeld(journal.held?.next, journal.marks),
      waves: journal.plan.waves.map((wave) => ({
        name: wave.name,
        verdict: `${waveState(journal, wave)}${marksFor(journal.marks, wave).verdict?.observed ? ' (only observed)' : ''}`,
      })),
    },
    lock,
    history: journal?.history ?? [],
  };
}

/** `status`: reads the journal and the mesh; needs no config and writes nothing. */
export async function statusOf(run: Run, istioNamespace: string): Promise<Status> {
  const journal = await run.journal.load();
  const lease = await run.ports.cluster.get<Lease>(Leases, journalName(run.tag), istioNamespace);
  const world = await observeMesh(run.ports, ['controlPlanes', 'tags', 'workloads'], istioNamespace);
  return summarize(world, journal, run.tag, holderOf(lease));
}
