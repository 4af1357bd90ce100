import { describe, expect, it } from 'vitest';
import { Recent } from '../../src/mesh/recent.ts';

function recentAt(intervalMs = 15_000) {
  const time = { now: 0 };
  const clock = { now: () => time.now, sleep: () => Promise.reject(new Error('unexpected sleep')) };
  let reads = 0;
  const read = async () => ++reads;
  return { time, read, recent: new Recent(clock, intervalMs) };
}

describe('costly reads', () => {
  it('of the gate are cached for one scrape interval', async () => {
    const { time, read, recent } = recentAt();
    expect(await recent.of('judged', read)).toBe(1);
    time.now = 14_999;
    expect(await recent.of('judged', read)).toBe(1);
    time.now = 15_000;
    expect(await recent.of('judged', read)).toBe(2);
  });

  it('are repeated when the cached value is outdated, but not within a second', async () => {
    const { time, read, recent } = recentAt();
    await recent.of('usage', read);
    time.now = 999;
    expect(await recent.of('usage', read, () => true)).toBe(1);
    time.now = 1_000;
    expect(await recent.of('usage', read, () => true)).toBe(2);
  });

  it('that an effect leaves valid stay cached, and others are repeated', async () => {
    const { read, recent } = recentAt();
    await recent.of('judged', read);
    await recent.of('troubles', read);
    recent.forget(['judged']);
    expect(await recent.of('judged', read)).toBe(1);
    expect(await recent.of('troubles', read)).toBe(3);
  });
});
