import { Leases } from '../kubernetes/kinds.ts';
import type { Lease } from '../kubernetes/objects.ts';
import { observe } from '../mesh/observe.ts';
import { Recent } from '../mesh/recent.ts';
import type { World } from '../mesh/world.ts';
import { revisionOfTag } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { type Journal, journalName } from './journal.ts';
import { type Holder, holderOf } from './lock.ts';
import { nextWhenHeld } from './next-when-held.ts';
import { noMarks, type Run } from './run.ts';

/** How far an upgrade is, from the cluster alone. */
export interface Status {
  tag: { name: string; revision: string | undefined };
  controlPlanes: readonly { revision: string; version: string | undefined; ready: number; desired: number }[];
  /** Live mesh pods by namespace and revision. */
  pods: Readonly<Record<string, Readonly<Record<string, number>>>>;
  run:
    | {
        id: string;
        state: string;
        from: string;
        to: string;
        held?: Journal['held'];
        /** The verb that leads on while it holds. */
        whenHeld: ReturnType<typeof nextWhenHeld>;
        waves: readonly { name: string; verdict: string }[];
      }
    | undefined;
  /** Who writes now, or died while writing. */
  lock: Holder | undefined;
  history: readonly string[];
}

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
      ...(journal.held === undefined ? {} : { held: journal.held }),
      whenHeld: nextWhenHeld(journal.held?.code, journal.marks),
      waves: journal.plan.waves.map(({ name }) => ({ name, verdict: waveState(journal, name) })),
    },
    lock,
    history: journal?.history ?? [],
  };
}

/** `not begun`, `restarting`, `baking`, or the verdict. */
export function waveState({ marks }: Pick<Journal, 'marks'>, wave: string): string {
  const { verdict, readyAt, startedAt } = marks.waves[wave] ?? {};
  if (verdict !== undefined) return verdict.verdict;
  if (readyAt !== undefined) return 'baking';
  return startedAt === undefined ? 'not begun' : 'restarting';
}

/** `status`: reads the journal and the mesh; needs no config and writes nothing. */
export async function statusOf(run: Run, istioNamespace: string): Promise<Status> {
  const journal = await run.journal.load();
  const lease = await run.eyes.cluster.get<Lease>(Leases, journalName(run.tag), istioNamespace);
  // Only these fields of a plan are read by the aspects that a status looks at.
  const plan: Pick<Plan, 'istioNamespace' | 'token' | 'tag'> = { istioNamespace, token: '', tag: run.tag };
  const world = await observe(
    run.eyes,
    ['controlPlanes', 'tags', 'workloads'],
    plan as Plan,
    { marks: noMarks, unchangedForMs: 0 },
    new Recent(run.clock, 0),
  );
  return summarize(world, journal, run.tag, holderOf(lease));
}
