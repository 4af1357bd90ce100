import { placeIn } from './query-error.ts';

/** What Prometheus remarks about a query beside its result: warnings say that it may be wrong, infos that it may not be meant. */
export class Notes {
  readonly warnings = new Set<string>();
  readonly infos = new Set<string>();
  readonly #query: string;

  constructor(query: string) {
    this.#query = query;
  }

  /** @param place the expression that it is about */
  warn(text: string, place: { from: number }): void {
    this.warnings.add(`PromQL warning: ${text} (${placeIn(this.#query, place.from)})`);
  }

  inform(text: string, place: { from: number }): void {
    this.infos.add(`PromQL info: ${text} (${placeIn(this.#query, place.from)})`);
  }
}
