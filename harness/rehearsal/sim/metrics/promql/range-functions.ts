import type { Point } from '../sample-store.ts';
import { warnOfQuantile } from './aggregate.ts';
import { maximum, mean, minimum, preciseSum, quantile, variance } from './arithmetic.ts';
import { type Call, type Expression, unwrap } from './ast.ts';
import { type CallSite, type Functions, matrixIn, numberIn } from './call-site.ts';
import { extrapolatedIncrease } from './extrapolate.ts';
import { linearRegression } from './linear-regression.ts';
import { type Matrix, type Series, type Value, vector, withoutName } from './value.ts';

type Reduce = (points: readonly Point[], window: Matrix, site: CallSite) => number | undefined;

const valuesOf = (points: readonly Point[]) => points.map(({ value }) => value);

const Reducers: Readonly<Record<string, Reduce>> = {
  rate: (points, window) => {
    const increase = extrapolatedIncrease(points, window, { isCounter: true });
    return increase === undefined ? undefined : increase / ((window.toMs - window.fromMs) / 1000);
  },
  increase: (points, window) => extrapolatedIncrease(points, window, { isCounter: true }),
  delta: (points, window) => extrapolatedIncrease(points, window, { isCounter: false }),
  irate: (points) =>
    lastStep(points, ({ before, after, seconds }) => (after < before ? after : after - before) / seconds),
  idelta: (points) => lastStep(points, ({ before, after }) => after - before),
  resets: (points) => countSteps(points, (before, after) => after < before),
  changes: (points) =>
    countSteps(points, (before, after) => before !== after && !(Number.isNaN(before) && Number.isNaN(after))),
  deriv: (points) => (points.length < 2 ? undefined : linearRegression(points, points[0]?.at ?? Number.NaN).slope),
  avg_over_time: (points) => mean(valuesOf(points)),
  sum_over_time: (points) => preciseSum(valuesOf(points)),
  min_over_time: (points) => minimum(valuesOf(points)),
  max_over_time: (points) => maximum(valuesOf(points)),
  count_over_time: (points) => points.length,
  last_over_time: (points) => points.at(-1)?.value,
  present_over_time: () => 1,
  stdvar_over_time: (points) => variance(valuesOf(points)),
  stddev_over_time: (points) => Math.sqrt(variance(valuesOf(points))),
};

/** The functions of one range vector, and the two that take a number beside it. */
export const RangeFunctions: Functions = {
  ...Object.fromEntries(
    Object.entries(Reducers).map(([name, reduce]) => [
      name,
      ([matrix], site) => overRange(name, matrixIn(matrix), site, reduce),
    ]),
  ),
  quantile_over_time: ([q, matrix], site) => {
    const share = numberIn(q);
    const series = matrixIn(matrix);
    if (series.series.length > 0) warnOfQuantile(share, site.notes, site.node.args[0] ?? site.node);
    return overRange('quantile_over_time', series, site, (points) => quantile(share, valuesOf(points)));
  },
  predict_linear: ([matrix, seconds], site) =>
    overRange('predict_linear', matrixIn(matrix), site, (points) => {
      if (points.length < 2) return undefined;
      const { slope, intercept } = linearRegression(points, site.at);
      return slope * numberIn(seconds) + intercept;
    }),
};

const likelyCounter = /_(total|sum|count|bucket)$/;

function overRange(name: string, window: Matrix, site: CallSite, reduce: Reduce): Value {
  const keepsName = name === 'last_over_time';
  return vector(
    window.series.flatMap(({ labels, points }: Series) => {
      const value = points.length === 0 ? undefined : reduce(points, window, site);
      if (value === undefined) return [];
      const metric = labels['__name__'] ?? '';
      if ((name === 'rate' || name === 'increase') && metric !== '' && !likelyCounter.test(metric)) {
        site.notes.inform(
          `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "${metric}"`,
          placeOf(site.node),
        );
      }
      return [{ labels: keepsName ? labels : withoutName(labels), value }];
    }),
  );
}

/** The argument, but a subquery has lost its place by the time that Prometheus complains. */
function placeOf(node: Call): { from: number } {
  const argument: Expression = node.args[0] ?? node;
  return unwrap(argument).kind === 'subquery' ? { from: 0 } : argument;
}

function lastStep(
  points: readonly Point[],
  compute: (step: { before: number; after: number; seconds: number }) => number,
): number | undefined {
  const [before, after] = points.slice(-2);
  if (!before || !after || after.at === before.at) return undefined;
  return compute({ before: before.value, after: after.value, seconds: (after.at - before.at) / 1000 });
}

function countSteps(points: readonly Point[], counts: (before: number, after: number) => boolean): number {
  return points.filter(({ value }, index) => {
    const before = points[index - 1];
    return before !== undefined && counts(before.value, value);
  }).length;
}
