import type { Portion } from '../model/portion.ts';

/** `0.5%`, `100%`. */
export const PERCENTAGE = /^(\d+(?:\.\d+)?)%$/;

/** The number behind a percentage or a plain number: `"0.5%"` and `0.005` are both 0.005. */
export function parseRatio(value: string | number): number {
  if (typeof value === 'number') return value;
  const found = PERCENTAGE.exec(value);
  if (found === null) throw new RangeError(`"${value}" is not a percentage; write for example "0.5%"`);
  // Through the decimal text, since 0.7 / 100 is 0.006999999999999999.
  return Number(`${found[1]}e-2`);
}

/** How many namespaces of a wave go together: `25%` is a share, 3 is a count. */
export function parsePortion(value: string | number): Portion {
  return typeof value === 'number' ? { count: value } : { ratio: parseRatio(value) };
}
