import type { Emit } from '../model/events.ts';
import type { JudgedEvidence } from '../model/evidence.ts';
import type { Plan } from '../model/plan.ts';
import type { StageNumber } from '../model/procedure.ts';
import type { RestartCount } from '../model/restart-count.ts';
import type { World } from '../model/world.ts';
import { countRestarts } from '../rollout/count-restarts.ts';

/** Emits what is new in a snapshot: another number of pods on a revision or of restarts, or new judgements of the gate. */
export class SnapshotNews {
  readonly #emit: Emit;
  #pods = '';
  #restarts = '';
  #judged: World['judged'] | undefined;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** `world` holds only the aspects that the stage looks at. */
  see(number: StageNumber, world: Partial<World>, plan: Plan): void {
    const pods = world.workloads === undefined ? undefined : podsByRevision(world.workloads);
    const text = JSON.stringify(pods);
    const moved = pods !== undefined && text !== this.#pods;
    if (moved) this.#pods = text;
    const judged = this.#newJudgements(world, plan);
    const restarts = this.#newRestarts(world, plan);
    if (moved || judged.length > 0 || restarts !== undefined)
      this.#emit({
        kind: 'snapshot',
        number,
        ...(moved && pods !== undefined ? { pods } : {}),
        judged,
        ...(restarts && { restarts }),
      });
  }

  #newRestarts(world: Partial<World>, plan: Plan): RestartCount | undefined {
    const restarts = countRestarts(world, plan);
    const text = JSON.stringify(restarts);
    if (restarts === undefined || text === this.#restarts) return undefined;
    this.#restarts = text;
    return restarts;
  }

  /** A snapshot holds the same list until the next scrape. A rollback has no gates: its numbers mean nothing. */
  #newJudgements({ judged }: Partial<World>, { direction }: Plan): readonly JudgedEvidence[] {
    if (judged === undefined || judged === this.#judged || direction === 'back') return [];
    this.#judged = judged;
    return judged;
  }
}

/** Live mesh pods of the whole cluster. */
function podsByRevision(workloads: World['workloads']): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { pods } of workloads)
    for (const [revision, count] of pods)
      if (revision !== 'none') counts.set(revision, (counts.get(revision) ?? 0) + count);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
