import { judgeGate } from '../gate/judge.ts';
import type { Emit } from '../model/events.ts';
import type { JudgedEvidence } from '../model/evidence.ts';
import type { Plan } from '../model/plan.ts';
import type { StageNumber } from '../model/procedure.ts';
import type { World } from '../model/world.ts';

/** Tells what a look saw when it is news: another number of pods on a revision, or new numbers for the gate. */
export class Looks {
  readonly #emit: Emit;
  #pods = '';
  #evidence: World['evidence'] | undefined;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** `world` holds only the aspects that the stage looks at. */
  note(number: StageNumber, world: Partial<World> & Pick<World, 'now'>, plan: Plan): void {
    const pods = world.workloads === undefined ? undefined : podsByRevision(world.workloads);
    const text = JSON.stringify(pods);
    const moved = pods !== undefined && text !== this.#pods;
    if (moved) this.#pods = text;
    const judged = this.#judged(world, plan);
    if (moved || judged.length > 0)
      this.#emit({ kind: 'looked', number, ...(moved && pods !== undefined ? { pods } : {}), judged });
  }

  /** The same look at the metrics is handed out until a scrape later. The way back has no gates: its numbers mean nothing. */
  #judged({ evidence, now }: Partial<World> & Pick<World, 'now'>, plan: Plan): readonly JudgedEvidence[] {
    if (evidence === undefined || evidence === this.#evidence || plan.direction === 'back') return [];
    this.#evidence = evidence;
    return evidence.map((each) => judgeGate(each, plan.gate, now));
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
