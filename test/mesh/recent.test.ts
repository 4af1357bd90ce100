import { describe, expect, it } from 'vitest';
import { Recent } from '../../src/mesh/recent.ts';

function recentAt(intervalMs = 15_000) {
  const time = { now: 0 };
  const clock = { now: () => time.now, sleep: () => Promise.reject(new Error('nobody sleeps here')) };
  let looks = 0;
  const look = async () => ++looks;
  return { time, look, recent: new Recent(clock, intervalMs) };
}

describe('costly looks', () => {
  it('keep the numbers of the gate for one scrape', async () => {
    const { time, look, recent } = recentAt();
    expect(await recent.of('judged', look)).toBe(1);
    time.now = 14_999;
    expect(await recent.of('judged', look)).toBe(1);
    time.now = 15_000;
    expect(await recent.of('judged', look)).toBe(2);
  });

  it('are taken anew when the kept one is outdated, but never twice within a second', async () => {
    const { time, look, recent } = recentAt();
    await recent.of('usage', look);
    time.now = 999;
    expect(await recent.of('usage', look, () => true)).toBe(1);
    time.now = 1_000;
    expect(await recent.of('usage', look, () => true)).toBe(2);
  });

  it('outlive a restart when it cannot have changed them', async () => {
    const { look, recent } = recentAt();
    await recent.of('judged', look);
    await recent.of('troubles', look);
    recent.forget(['judged']);
    expect(await recent.of('judged', look)).toBe(1);
    expect(await recent.of('troubles', look)).toBe(3);
  });
});
