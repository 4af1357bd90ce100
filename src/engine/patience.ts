import type { Clock } from '../model/clock.ts';
import type { Emit } from '../model/events.ts';
import type { Stage } from '../model/stage.ts';
import { UpgradeError } from '../model/upgrade-error.ts';
import type { Cluster } from '../ports/kubernetes.ts';

/** Between two looks while the surroundings are away; each look repeats its requests for some time itself. */
const lookAgainMs = 5_000;

interface Place {
  ports: { cluster: Pick<Cluster, 'named'> };
  clock: Clock;
  emit: Emit;
  signal: AbortSignal;
}

/** Waits while the API server does not answer, as long as `pace.patience`, so that the run goes on where it was. */
export class Patience {
  readonly #place: Place;
  readonly #patienceMs: number;
  #since: number | undefined;

  constructor(place: Place, patienceMs: number) {
    this.#place = place;
    this.#patienceMs = patienceMs;
  }

  /** To be called after a turn that got all of its answers. */
  answered(): void {
    this.#since = undefined;
  }

  /**
   * @param failure of a look, or of an effect that may or may not have been made: the next look shows it
   * @throws the failure by its name, when waiting does not help or has lasted long enough
   */
  async wait(failure: unknown, { number }: Pick<Stage, 'number'>): Promise<void> {
    const { ports, clock, emit, signal } = this.#place;
    const named = ports.cluster.named(failure);
    if (!(named instanceof UpgradeError) || named.meaning.mayPass !== true) throw named;
    const now = clock.now();
    this.#since ??= now;
    const sinceMs = now - this.#since;
    if (sinceMs >= this.#patienceMs) throw named;
    emit({ kind: 'waiting', number, shortfalls: [{ what: named.code, is: named.message }], sinceMs });
    // An interruption ends the wait, and is seen by the next turn.
    await clock.sleep(Math.min(lookAgainMs, this.#patienceMs - sinceMs), signal).catch((ended: unknown) => {
      if (!signal.aborted) throw ended;
    });
  }
}
