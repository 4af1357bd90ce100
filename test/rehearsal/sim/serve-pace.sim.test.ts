import { describe, expect, it, onTestFinished } from 'vitest';
import { Pace } from '../../../harness/rehearsal/sim/serve/pace.ts';
import { VirtualClock } from '../../../harness/rehearsal/sim/virtual-clock.ts';

const start = 1_000_000;

function paced({ speed }: { speed: number }) {
  const clock = new VirtualClock(start);
  const real = { now: 0 };
  const pace = new Pace(clock, speed, () => real.now);
  onTestFinished(() => pace.stop());
  return {
    clock,
    pace,
    pass: async (ms: number) => {
      real.now += ms;
      await pace.catchUp();
      return clock.now() - start;
    },
  };
}

describe('Pace', () => {
  it.for([
    { speed: 1, passed: 50, is: 50 },
    { speed: 20, passed: 50, is: 1_000 },
    { speed: 0.5, passed: 50, is: 25 },
  ])('makes $is ms of $passed at a speed of $speed', async ({ speed, passed, is }) => {
    const { pass } = paced({ speed });
    expect(await pass(passed)).toBe(is);
  });

  it('loses no fraction of a millisecond', async () => {
    const { pass } = paced({ speed: 1 });
    for (let step = 0; step < 99; step++) await pass(0.5);
    expect(await pass(0.5)).toBe(50);
  });

  it('runs what is due at its own moment, in order', async () => {
    const { clock, pass } = paced({ speed: 10 });
    const ran: number[] = [];
    for (const ms of [700, 300, 1_001]) clock.schedule(ms, () => ran.push(clock.now() - start));
    await pass(100);
    expect(ran).toEqual([300, 700]);
  });

  it('does not make up for a machine that stood still for a minute', async () => {
    const { pass } = paced({ speed: 10 });
    expect(await pass(60_000)).toBe(1_000);
    expect(await pass(10)).toBe(1_100);
  });

  it('lets work wait for virtual time', async () => {
    const { clock, pace, pass } = paced({ speed: 100 });
    const work = pace.during(() => clock.sleep(5_000).then(() => clock.now() - start));
    await pass(20);
    await pass(30);
    expect(await work).toBe(5_000);
  });

  it('stands still once it was stopped', async () => {
    const { clock, pace } = paced({ speed: 10 });
    await pace.stop();
    await expect(pace.catchUp()).rejects.toThrow('virtual time was stopped');
    expect(clock.now()).toBe(start);
  });

  it.for([0, -1, Number.NaN])('refuses a speed of %d', (speed) => {
    expect(() => new Pace(new VirtualClock(start), speed)).toThrow(`a speed of ${speed}`);
  });
});
