import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration, readDuration } from '../../src/model/duration.ts';

const LONGEST_MS = 21 * 24 * 3_600_000;
const seed = Number(process.env['SEED'] ?? 20_261_122);

describe('a duration', () => {
  it.for([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['1m500ms', 60_500],
    ['0s', 0],
    ['2d', 172_800_000],
    ['90m', 5_400_000],
  ] as const)('%s is %d ms', ([text, ms]) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.for(['', '90', '1.5h', '30m1h', '1h1h', '-5s', '5 s', ' 5s', '5S', 's', '1e3s', '5s\n', '½h', '22d'])(
    'is not read from %j',
    (text) => {
      expect(readDuration(text)).toMatchObject({ ok: false });
      expect(() => parseDuration(text)).toThrow(RangeError);
    },
  );
});

describe(`any duration (SEED=${seed})`, () => {
  it('is parsed to the same value after it was formatted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LONGEST_MS }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
      { seed },
    );
  });

  it('is the sum of its parts', () => {
    const part = fc.nat({ max: 59 });
    fc.assert(
      fc.property(part, part, part, part, (h, m, s, ms) => {
        expect(parseDuration(`${h}h${m}m${s}s${ms}ms`)).toBe(((h * 60 + m) * 60 + s) * 1000 + ms);
      }),
      { seed },
    );
  });

  it('is read from any text without an exception', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const reading = readDuration(text);
        if (reading.ok) expect(reading.ms).toBeGreaterThanOrEqual(0);
        else expect(reading.instead).toMatch(/^write /);
      }),
      { seed },
    );
  });
});
