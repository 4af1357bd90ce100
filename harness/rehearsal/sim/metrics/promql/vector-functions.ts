import { type CallSite, type Functions, numberIn, samplesIn } from './call-site.ts';
import { type Sample, scalar, type Value, vector, withoutName } from './value.ts';

const Elementwise: Readonly<Record<string, (value: number) => number>> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  exp: Math.exp,
  sqrt: Math.sqrt,
  ln: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  sgn: (value) => (value < 0 ? -1 : value > 0 ? 1 : value),
  deg: (value) => (value * 180) / Math.PI,
  rad: (value) => (value * Math.PI) / 180,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
};

const Calendar: Readonly<Record<string, (date: Date) => number>> = {
  minute: (date) => date.getUTCMinutes(),
  hour: (date) => date.getUTCHours(),
  day_of_week: (date) => date.getUTCDay(),
  day_of_month: (date) => date.getUTCDate(),
  day_of_year: (date) =>
    (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 0)) /
    86_400_000,
  days_in_month: (date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
  month: (date) => date.getUTCMonth() + 1,
  year: (date) => date.getUTCFullYear(),
};

/** The functions of instant vectors and of numbers that look at values only. */
export const VectorFunctions: Functions = {
  ...Object.fromEntries(
    Object.entries(Elementwise).map(([name, change]) => [name, ([value]) => each(samplesIn(value), change)]),
  ),
  ...Object.fromEntries(
    Object.entries(Calendar).map(([name, read]) => [
      name,
      ([value], { at }) => {
        const moments = value ? samplesIn(value) : [{ labels: {}, value: Math.floor(at / 1000) }];
        return each(moments, (seconds) => read(new Date(Math.trunc(seconds) * 1000)));
      },
    ]),
  ),
  clamp: ([value, least, most]) => clamp(samplesIn(value), numberIn(least), numberIn(most)),
  clamp_min: ([value, least]) => clamp(samplesIn(value), numberIn(least), Number.POSITIVE_INFINITY),
  clamp_max: ([value, most]) => clamp(samplesIn(value), Number.NEGATIVE_INFINITY, numberIn(most)),
  round: ([value, nearest]) => {
    const inverse = 1 / (nearest ? numberIn(nearest) : 1);
    return each(samplesIn(value), (number) => Math.floor(number * inverse + 0.5) / inverse);
  },
  sort: ([value], site) => sorted(samplesIn(value), 1, site),
  sort_desc: ([value], site) => sorted(samplesIn(value), -1, site),
  vector: ([value]) => vector([{ labels: {}, value: numberIn(value) }]),
  scalar: ([value]) => {
    const [only, ...more] = samplesIn(value);
    return scalar(only && more.length === 0 ? only.value : Number.NaN);
  },
  time: (_, { at }) => scalar(at / 1000),
  pi: () => scalar(Math.PI),
};

function each(samples: readonly Sample[], change: (value: number) => number): Value {
  return vector(samples.map(({ labels, value }) => ({ labels: withoutName(labels), value: change(value) })));
}

function clamp(samples: readonly Sample[], least: number, most: number): Value {
  if (most < least) return vector([]);
  return each(samples, (value) => larger(least, smaller(most, value)));
}

// Go's: an infinity on its side wins over NaN.
const larger = (a: number, b: number) =>
  a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(a, b);
const smaller = (a: number, b: number) =>
  a === Number.NEGATIVE_INFINITY || b === Number.NEGATIVE_INFINITY ? Number.NEGATIVE_INFINITY : Math.min(a, b);

/** NaN comes last, whichever way. */
function sorted(samples: readonly Sample[], direction: 1 | -1, { isStep, notes, node }: CallSite): Value {
  if (isStep) notes.warn('sort is ineffective for range queries since results are always ordered by labels', node);
  return vector(
    samples.toSorted(({ value: a }, { value: b }) =>
      Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a === b ? 0 : direction * (a - b),
    ),
  );
}
