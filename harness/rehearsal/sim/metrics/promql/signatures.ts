import type { ValueType } from './ast.ts';

export interface Signature {
  args: readonly ValueType[];
  /** How many of the last kind may be left out or, negative, repeated without end. */
  variadic: number;
  result: ValueType;
}

const Letters: Readonly<Record<string, ValueType>> = { v: 'vector', m: 'matrix', s: 'scalar', t: 'string' };

const simple = (letters: string, result: ValueType = 'vector', variadic = 0): Signature => ({
  args: [...letters].map((letter) => Letters[letter] ?? 'vector'),
  variadic,
  result,
});

const each = (letters: string, names: string) =>
  Object.fromEntries(names.split(' ').map((name) => [name, simple(letters)]));

/** What every simulated function takes and gives, as Prometheus checks it before evaluating. */
export const Signatures: Readonly<Record<string, Signature>> = {
  ...each('v', 'abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad sgn'),
  ...each('v', 'sin sinh sort sort_desc sqrt tan tanh timestamp'),
  ...each('m', 'absent_over_time avg_over_time changes count_over_time delta deriv idelta increase irate'),
  ...each('m', 'last_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time'),
  ...each('m', 'stdvar_over_time sum_over_time'),
  ...Object.fromEntries(
    'day_of_month day_of_week day_of_year days_in_month hour minute month year'
      .split(' ')
      .map((name) => [name, simple('v', 'vector', 1)]),
  ),
  clamp: simple('vss'),
  clamp_max: simple('vs'),
  clamp_min: simple('vs'),
  histogram_quantile: simple('sv'),
  label_join: simple('vttt', 'vector', -1),
  label_replace: simple('vtttt'),
  pi: simple('', 'scalar'),
  predict_linear: simple('ms'),
  quantile_over_time: simple('sm'),
  round: simple('vs', 'vector', 1),
  scalar: simple('v', 'scalar'),
  time: simple('', 'scalar'),
  vector: simple('s'),
};
