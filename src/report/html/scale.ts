import { elapsed } from '../render-event.ts';

/** From a value to a position in percent of the width of the picture. */
export type Scale = (value: number) => number;

/** Values outside are drawn at the edge; in an empty range everything is at the left. */
export function scaleOf(first: number, last: number): Scale {
  const span = last - first;
  return (value) => (span > 0 ? round((100 * Math.min(Math.max(value - first, 0), span)) / span) : 0);
}

/** A picture needs no more than hundredths. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const secondsApart = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];

export interface Tick {
  at: number;
  label: string;
}

/** Round times of a clock that began at `zero`, at most six. */
export function timeTicks(zero: number, first: number, last: number): readonly Tick[] {
  const span = (last - first) / 1000;
  const step = 1000 * (secondsApart.find((seconds) => span / seconds <= 5) ?? 86_400 * Math.ceil(span / 432_000));
  const start = Math.ceil((first - zero) / step);
  const end = Math.floor((last - zero) / step);
  return Array.from({ length: Math.max(0, end - start + 1) }, (_, index) => ({
    at: zero + (start + index) * step,
    label: elapsed((start + index) * step),
  }));
}

/** Round values from zero up to `max`, about three. */
export function valueTicks(max: number): readonly number[] {
  if (!(max > 0)) return [0];
  const magnitude = 10 ** Math.floor(Math.log10(max / 2));
  const step = magnitude * ([1, 2, 5, 10].find((factor) => max / (magnitude * factor) <= 3) ?? 10);
  return Array.from({ length: Math.floor(max / step + 1e-9) + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

/** Round values from zero up to `max` for a scale of square roots, from the top down, no two nearer than `apart` pixels. */
export function rootTicks(max: number, apart: number, y: (value: number) => number): readonly number[] {
  const ticks: number[] = [];
  const floor = y(0);
  for (let power = Math.ceil(Math.log10(max)); power > Math.log10(max) - 4; power--) {
    for (const factor of [5, 2, 1]) {
      const value = Number((factor * 10 ** power).toPrecision(1));
      const before = ticks.at(-1);
      const isFar = before === undefined || y(value) - y(before) >= apart;
      if (value <= max && isFar && floor - y(value) >= apart) ticks.push(value);
    }
  }
  return [0, ...ticks.reverse()];
}
