import { describe, expect, it } from 'vitest';
import { Stillness } from '../../src/engine/stillness.ts';
import { shortfall } from '../../src/model/stage.ts';

function scene() {
  let now = 1_000;
  const stillness = new Stillness({ now: () => now, sleep: () => Promise.reject(new Error('no test sleeps here')) });
  const pass = (ms: number) => {
    now += ms;
  };
  return { stillness, pass };
}

const baking = [shortfall('wave rest', 'baking 0:18 of 5:00')];
const strays = [shortfall('Deployment foo/foo', '0 of 2 pods on 1-31-0', 'all on 1-31-0')];

describe('the time without a change', () => {
  it('grows while every snapshot shows the same', () => {
    const { stillness, pass } = scene();
    stillness.see(baking);
    pass(15_000);
    stillness.see(baking);
    expect(stillness.ms).toBe(15_000);
  });

  it('starts at zero for what a snapshot is the first to show, however long nothing changed before', () => {
    const { stillness, pass } = scene();
    stillness.see(baking);
    pass(60_000);
    stillness.see(strays);
    expect(stillness.ms).toBe(0);
  });

  it('is emitted at a change, then every half minute', () => {
    const { stillness, pass } = scene();
    const tellings = [baking, baking, baking, strays].map((shortfalls) => {
      pass(20_000);
      stillness.see(shortfalls);
      const isWorthTelling = stillness.isWorthTelling;
      if (isWorthTelling) stillness.told();
      return isWorthTelling;
    });
    expect(tellings).toEqual([true, false, true, true]);
  });
});
