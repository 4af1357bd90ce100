import { notSimulated } from './query-error.ts';

const UnitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** `5m`, or a number of seconds; fractions of a millisecond are cut off. */
export function durationMs(text: string): number {
  return Math.round(parseNumber(text) * 1000);
}

/** Go's integers (hexadecimal, and octal after a zero), its floats, and durations in seconds. */
export function parseNumber(text: string): number {
  const digits = text.replaceAll('_', '').toLowerCase();
  if (/^[+-]/.test(digits)) return (digits.startsWith('-') ? -1 : 1) * parseNumber(digits.slice(1));
  if (digits === 'inf') return Number.POSITIVE_INFINITY;
  if (digits === 'nan') return Number.NaN;
  if (/^0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  const parts = [...digits.matchAll(/(\d+)(ms|[smhdwy])/g)];
  if (parts.length > 0 && parts.map(([part]) => part).join('') === digits) {
    return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UnitMs[unit ?? ''] ?? Number.NaN), 0) / 1000;
  }
  const number = Number(digits);
  if (Number.isNaN(number)) throw notSimulated(`the number ${text}`);
  return number;
}

const Escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * Go's quoted strings.
 * @returns undefined for an escape that Go does not know
 */
export function unquote(literal: string): string | undefined {
  const [quote = ''] = literal;
  const inner = literal.slice(1, -1);
  if (quote === '`') return inner;
  let isKnown = true;
  const text = inner.replace(/\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|[\s\S])/g, (_, code: string) => {
    if (/^[xuU]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]{3}$/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8));
    if (code === '\\' || code === quote) return code;
    isKnown &&= code in Escapes;
    return Escapes[code] ?? '';
  });
  return isKnown ? text : undefined;
}
