import { describe, expect, it } from 'vitest';
import { type Times, windows } from '../../../src/gate/root/windows.ts';

const second = 1_000;
const readyAt = 1_000 * second;
const at = (secondsAfterReady: number, more: Partial<Times> = {}): Times => ({
  startedAt: readyAt - 120 * second,
  readyAt,
  now: readyAt + secondsAfterReady * second,
  passed: false,
  watchMs: 300 * second,
  intervalMs: 15 * second,
  ...more,
});

describe('the windows of a look', () => {
  it.for([
    { window: 'ready', begins: 0 },
    { window: 'started', begins: 45 },
    { window: 'settled', begins: 75 },
  ] as const)('$window begins $begins s after ready, so that no sample is from before', ({ window, begins }) => {
    expect(windows[window].from(at(begins))).toBeUndefined();
    expect(windows[window].from(at(begins + 1))).toBe(readyAt + begins * second);
  });

  it('begin later where scrapes are rarer', () => {
    expect(windows.settled.from(at(200, { intervalMs: 60 * second }))).toBe(readyAt + 120 * second);
  });

  it('slide only when nothing of the start is in them', () => {
    expect(windows.recent.from(at(375))).toBeUndefined();
    expect(windows.recent.from(at(376))).toBe(readyAt + 76 * second);
  });

  it.for([
    { after: 900, are: ['recent'] },
    { after: 76, are: ['recent'] },
    // Its bake was so short that the sliding window does not exist yet.
    { after: 75, are: ['ready', 'started'] },
    { after: 20, are: ['ready'] },
  ])('of a wave that has passed are $are, $after s after it was ready', ({ after, are }) => {
    const names = (Object.keys(windows) as (keyof typeof windows)[]).filter(
      (name) => windows[name].from(at(after, { passed: true })) !== undefined,
    );
    expect(names).toEqual(are);
  });
});
