/** Sums with the error carried along, as Prometheus sums (Neumaier's variant of Kahan's algorithm). */
export function preciseSum(values: Iterable<number>): number {
  const { sum, error } = compensatedSum(values);
  return Number.isFinite(sum) ? sum + error : sum;
}

function compensatedSum(values: Iterable<number>): { sum: number; error: number } {
  let sum = 0;
  let error = 0;
  for (const value of values) {
    const next = sum + value;
    if (!Number.isFinite(next)) error = 0;
    else error += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return { sum, error };
}

/** The mean, also of numbers whose sum is too large. */
export function mean(values: readonly number[]): number {
  const { sum, error } = compensatedSum(values);
  const count = values.length;
  if (Number.isFinite(sum)) return sum / count + error / count;
  // Infinities among them are the result; without any, only the sum was too large.
  if (values.some((value) => !Number.isFinite(value))) return values.reduce((total, value) => total + value / count, 0);
  return preciseSum(values.map((value) => value / count));
}

/** Of all of them, not of a sample. */
export function variance(values: readonly number[]): number {
  if (values.some((value) => !Number.isFinite(value))) return Number.NaN;
  let average = 0;
  let squares = 0;
  values.forEach((value, index) => {
    const delta = value - average;
    average += delta / (index + 1);
    squares += delta * (value - average);
  });
  return squares / values.length;
}

export function quantile(q: number, values: readonly number[]): number {
  if (values.length === 0 || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  // NaN is less than everything.
  const ordered = values.toSorted((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b));
  const rank = q * (ordered.length - 1);
  const lower = Math.max(0, Math.floor(rank));
  const weight = rank - lower;
  const low = ordered[lower] ?? Number.NaN;
  const high = ordered[Math.min(ordered.length - 1, lower + 1)] ?? Number.NaN;
  return weight === 0 ? low : low * (1 - weight) + high * weight;
}

export const maximum = (values: readonly number[]): number =>
  values.reduce((most, value) => (value > most || Number.isNaN(most) ? value : most), Number.NaN);

export const minimum = (values: readonly number[]): number =>
  values.reduce((least, value) => (value < least || Number.isNaN(least) ? value : least), Number.NaN);

/** Go's power: one to whatever, and minus one to an infinity, are one. */
export function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY) return 1;
  return base ** exponent;
}
