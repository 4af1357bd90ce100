import type { Point, RawSeries, SampleStore } from '../sample-store.ts';
import type { VectorSelector } from './ast.ts';

interface Window {
  from: number;
  to: number;
  series: readonly RawSeries[];
}

/** For how much longer a selector will be asked about, and at which distance. */
export interface Ahead {
  forMs: number;
  stepMs: number;
}

/** Samples for one query. Windows that overlap are cut from one that was asked for all of them. */
export class Windows {
  readonly #store: SampleStore;
  readonly #windows = new Map<VectorSelector, Window>();

  constructor(store: SampleStore) {
    this.#store = store;
  }

  range(selector: VectorSelector, from: number, to: number, { forMs, stepMs }: Ahead): RawSeries[] {
    const known = this.#windows.get(selector);
    if (known === undefined && (forMs === 0 || stepMs >= to - from))
      return this.#store.range(selector.matchers, from, to);
    const window = known && known.from <= from && known.to >= to ? known : this.#load(selector, from, to + forMs);
    return window.series.flatMap(({ labels, points }) => {
      const inside = points.slice(firstAfter(points, from), firstAfter(points, to));
      return inside.length === 0 ? [] : [{ labels, points: inside }];
    });
  }

  latest(selector: VectorSelector, at: number): RawSeries[] {
    return this.#store.latest(selector.matchers, at);
  }

  #load(selector: VectorSelector, from: number, to: number): Window {
    const window = { from, to, series: this.#store.range(selector.matchers, from, to) };
    this.#windows.set(selector, window);
    return window;
  }
}

function firstAfter(points: readonly Point[], moment: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle]?.at ?? Number.POSITIVE_INFINITY) <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}
