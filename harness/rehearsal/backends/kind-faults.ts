import { parseDuration } from '../../../src/model/duration.ts';
import { numberOf } from '../../../src/model/procedure.ts';
import type { FaultShape } from '../model/scenario-schema.ts';

/** Makes something go wrong in the cluster. */
interface FaultPlace {
  /** @returns what ends the fault */
  begin: (kind: FaultShape['kind']) => Promise<EndFault>;
  sleep: (ms: number) => Promise<void>;
}

type EndFault = () => Promise<void>;

/** The faults of a scenario on a real cluster: each begins once, when the log says that the stage before its stage is complete. */
export class KindFaults {
  readonly #place: FaultPlace;
  readonly #waiting: Set<FaultShape>;
  readonly #withTime: Promise<void>[] = [];
  readonly #endWithRun: Promise<EndFault>[] = [];

  constructor(faults: readonly FaultShape[], place: FaultPlace) {
    this.#waiting = new Set(faults);
    this.#place = place;
  }

  /** @param log of the run so far */
  see(log: string): void {
    for (const fault of this.#waiting) {
      const number = numberOf(fault.stage);
      if (number > 1 && !log.includes(`✔ ${number - 1} `)) continue;
      this.#waiting.delete(fault);
      const begun = this.#place.begin(fault.kind);
      if (fault.for === undefined) this.#endWithRun.push(expected(begun));
      else this.#withTime.push(expected(this.#endAfter(begun, parseDuration(fault.for))));
    }
  }

  /**
   * Waits for the faults that have a duration, and ends the others.
   * @throws what kept a fault from its begin or its end: a scenario without its fault proves nothing
   */
  async runEnded(): Promise<void> {
    await Promise.all(this.#withTime.splice(0));
    for (const begun of this.#endWithRun.splice(0)) await (await begun)();
  }

  get neverBegun(): readonly string[] {
    return [...this.#waiting].map(({ kind, stage }) => `${kind} at stage ${stage}`);
  }

  async #endAfter(begun: Promise<EndFault>, ms: number): Promise<void> {
    const end = await begun;
    await this.#place.sleep(ms);
    await end();
  }
}

/** Its failure is thrown when the run has ended, and must not end the process before. */
function expected<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
