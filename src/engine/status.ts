import { observeMesh } from '../mesh/observe.ts';
import { isDowngrade } from '../model/downgrade.ts';
import { type Journal, journalName, waveState } from '../model/journal.ts';
import { hasLabelled, marksFor } from '../model/marks.ts';
import type { Status } from '../model/status.ts';
import type { World } from '../model/world.ts';
import { revisionOfTag } from '../plan/make-plan.ts';
import { Leases } from '../ports/kinds.ts';
import type { Lease } from '../ports/objects.ts';
import { holderIn, requestIn } from './lease.ts';
import { nextWhenHeld } from './next-when-held.ts';
import type { Run } from './run.ts';
import { rollbackProgress, waveProgress } from './wave-progress-of.ts';

function summarize(
  world: Pick<World, 'controlPlanes' | 'tags' | 'workloads' | 'namespaces'>,
  journal: Journal | undefined,
  tag: string,
  lease: Lease | undefined,
  now: number,
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
      ...(hasLabelled(journal.marks) && { labelled: Object.keys(journal.marks.labelled ?? {}).sort() }),
      ...given('progress', rollbackProgress(journal, world)),
      waves: journal.plan.waves.map((wave) => ({
        ...given('progress', waveProgress(journal, wave, world, now)),
        name: wave.name,
        verdict: `${waveState(journal, wave)}${marksFor(journal.marks, wave).verdict?.observed ? ' (only observed)' : ''}`,
      })),
    },
    lock: holderIn(lease),
    asked: requestIn(lease),
    history: journal?.history ?? [],
  };
}

const given = <K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, string>);

/** `status`: reads the journal and the mesh; needs no config and writes nothing. */
export async function statusOf(run: Run, istioNamespace: string): Promise<Status> {
  const journal = await run.journal.load();
  const lease = await run.ports.cluster.get<Lease>(Leases, journalName(run.tag), istioNamespace);
  const world = await observeMesh(run.ports, ['controlPlanes', 'tags', 'workloads', 'namespaces'], istioNamespace);
  return summarize(world, journal, run.tag, lease, run.ports.cluster.now());
}
