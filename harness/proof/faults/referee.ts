import type { Sim } from '../../rehearsal/sim/create-sim.ts';
import type { Claim, ContenderEvent } from './contender.ts';
import { invariants } from './invariants/index.ts';
import type { Conditions, Hooks, InvariantId } from './invariants/invariant.ts';
import type { Task } from './task.ts';
import { Writers } from './writers.ts';

export interface Breach {
  invariant: InvariantId;
  what: string;
  /** Since the mesh was handed over, virtual milliseconds. */
  atMs: number;
}

/** Looks at a mesh after every event of its simulation, and keeps what broke. */
export class Referee {
  readonly writers: Writers;
  readonly conditions: Conditions = {
    badRelease: false,
    mayBlameRelease: false,
    foreignWrites: new Map(),
  };
  readonly breaches: Breach[] = [];
  readonly #hooks: readonly Hooks[];

  constructor(sim: Sim, task: Task, tell: (text: string) => void = () => undefined) {
    this.writers = new Writers(sim);
    const { writers, conditions } = this;
    const begunAt = sim.clock.now();
    this.#hooks = invariants.map(({ id, watch }) => {
      const said = new Set<string>();
      const broken = (what: string) => {
        // The same once is enough; a state that lasts would fill the list.
        if (said.has(what)) return;
        said.add(what);
        const breach = { invariant: id, what, atMs: sim.clock.now() - begunAt };
        this.breaches.push(breach);
        tell(`✘ ${id}: ${what}`);
      };
      return watch({ sim, task, writers, conditions, broken });
    });
    const afterEvent = this.#hooks.flatMap((hooks) => (hooks.afterEvent ? [hooks.afterEvent] : []));
    sim.clock.onEvent(() => {
      for (const look of afterEvent) look();
    });
  }

  attemptBegan(runId: string): void {
    for (const hooks of this.#hooks) hooks.attemptBegan?.(runId);
  }

  heard(runId: string, event: ContenderEvent): void {
    for (const hooks of this.#hooks) hooks.heard?.(runId, event);
  }

  attemptEnded(runId: string, claim: Claim | 'killed' | 'endless'): void {
    for (const hooks of this.#hooks) hooks.attemptEnded?.(runId, claim);
  }
}
