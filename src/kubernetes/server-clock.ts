import type { Clock } from '../model/clock.ts';

/** The API server's time between two answers, from their Date headers, which are cut to whole seconds. */
export class ServerClock {
  readonly #local: Clock;
  #offsetMs: number | undefined;

  constructor(local: Clock) {
    this.#local = local;
  }

  /**
   * @param date the answer's Date header
   * @param sentAt local time when the request left: the answer was dated between then and now
   */
  learn(date: string | undefined, sentAt: number): void {
    const dated = date === undefined ? Number.NaN : Date.parse(date);
    if (Number.isNaN(dated)) return;
    const received = this.#local.now();
    const latest = dated + 999 + Math.max(0, received - sentAt);
    // The previous estimate is kept if the header allows it, so that time does not jump back at every answer.
    const estimate = this.#offsetMs === undefined ? dated : received + this.#offsetMs;
    this.#offsetMs = Math.min(Math.max(estimate, dated), latest) - received;
  }

  get known(): boolean {
    return this.#offsetMs !== undefined;
  }

  /** Unix milliseconds. Before the first answer there is no better guess than the local clock. */
  now(): number {
    return Math.round(this.#local.now() + (this.#offsetMs ?? 0));
  }
}
