import { LookbackMs, latestOf, type Point, type RawSeries, type SampleStore } from '../sample-store.ts';
import type { VectorSelector } from './ast.ts';

interface Window {
  from: number;
  to: number;
  series: readonly RawSeries[];
}

/** Samples for one query. One that looks at many moments asks the store once a selector, for all of them. */
export class Windows {
  readonly #store: SampleStore;
  readonly #windows = new Map<VectorSelector, Window>();

  constructor(store: SampleStore) {
    this.#store = store;
  }

  /** @param aheadMs for how much longer this selector will be asked about */
  range(selector: VectorSelector, from: number, to: number, aheadMs: number): RawSeries[] {
    if (aheadMs === 0 && !this.#windows.has(selector)) return this.#store.range(selector.matchers, from, to);
    const known = this.#windows.get(selector);
    const window = known && known.from <= from && known.to >= to ? known : this.#load(selector, from, to + aheadMs);
    return window.series.flatMap(({ labels, points }) => {
      const inside = points.slice(firstAfter(points, from), firstAfter(points, to));
      return inside.length === 0 ? [] : [{ labels, points: inside }];
    });
  }

  latest(selector: VectorSelector, at: number, aheadMs: number): RawSeries[] {
    if (aheadMs === 0 && !this.#windows.has(selector)) return this.#store.latest(selector.matchers, at);
    return latestOf(this.range(selector, at - LookbackMs, at, aheadMs));
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
