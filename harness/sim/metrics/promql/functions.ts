import { type Point, QueryError, type Sample, scalar, type Value, vector, withoutName } from './value.ts';

type Call = (args: readonly Value[], at: number) => Value;

export const Functions: Readonly<Record<string, Call>> = {
  rate: overRange((points, from, to) => extrapolated(points, from, to, true)),
  increase: overRange((points, from, to) => extrapolated(points, from, to, false)),
  count_over_time: overRange((points) => points.length),
  last_over_time: overRange((points) => points.at(-1)?.value),
  max_over_time: overRange((points) => Math.max(...points.map(({ value }) => value))),
  min_over_time: overRange((points) => Math.min(...points.map(({ value }) => value))),
  sum_over_time: overRange((points) => points.reduce((sum, { value }) => sum + value, 0)),
  avg_over_time: overRange((points) => points.reduce((sum, { value }) => sum + value, 0) / points.length),
  timestamp: onVector(({ at }) => at / 1000),
  abs: onVector(({ value }) => Math.abs(value)),
  time: (_, at) => scalar(at / 1000),
  vector: ([value], at) => {
    if (value?.type !== 'scalar') throw new QueryError('expected type scalar in call to function "vector"');
    return vector([{ labels: {}, value: value.value, at }]);
  },
  scalar: ([value]) => {
    const [only, ...more] = vectorIn(value, 'scalar');
    return scalar(only && more.length === 0 ? only.value : Number.NaN);
  },
  absent: ([value], at) => vector(vectorIn(value, 'absent').length > 0 ? [] : [{ labels: {}, value: 1, at }]),
};

function onVector(change: (sample: Sample) => number): Call {
  return ([value]) =>
    vector(
      vectorIn(value, 'function').map((sample) => ({
        ...sample,
        labels: withoutName(sample.labels),
        value: change(sample),
      })),
    );
}

function vectorIn(value: Value | undefined, name: string): readonly Sample[] {
  if (value?.type !== 'vector') throw new QueryError(`expected type instant vector in call to function "${name}"`);
  return value.samples;
}

function overRange(reduce: (points: readonly Point[], from: number, to: number) => number | undefined): Call {
  return ([value], at) => {
    if (value?.type !== 'matrix') throw new QueryError('expected type range vector in call to function');
    return vector(
      value.series.flatMap(({ labels, points }) => {
        const result = points.length === 0 ? undefined : reduce(points, value.fromMs, value.toMs);
        return result === undefined ? [] : [{ labels: withoutName(labels), value: result, at }];
      }),
    );
  };
}

/** Prometheus' own extrapolation to the ends of the window (promql/functions.go, extrapolatedRate). */
function extrapolated(points: readonly Point[], from: number, to: number, perSecond: boolean): number | undefined {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 2) return undefined;
  let increase = last.value - first.value;
  points.forEach(({ value }, index) => {
    const before = points[index - 1];
    if (before && value < before.value) increase += before.value;
  });
  const sampled = (last.at - first.at) / 1000;
  const average = sampled / (points.length - 1);
  const threshold = average * 1.1;
  let toStart = (first.at - from) / 1000;
  let toEnd = (to - last.at) / 1000;
  if (toStart >= threshold) toStart = average / 2;
  // A counter cannot have been below zero before its first sample.
  if (increase > 0 && first.value >= 0) toStart = Math.min(toStart, sampled * (first.value / increase));
  if (toEnd >= threshold) toEnd = average / 2;
  const total = increase * ((sampled + toStart + toEnd) / sampled);
  return perSecond ? total / ((to - from) / 1000) : total;
}
