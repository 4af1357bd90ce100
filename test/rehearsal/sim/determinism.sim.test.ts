import { describe, expect, it } from 'vitest';
import { createSim } from '../../../harness/rehearsal/sim/create-sim.ts';
import { VirtualClock } from '../../../harness/rehearsal/sim/virtual-clock.ts';
import { Deployments } from '../../../src/ports/kinds.ts';
import { watch } from './send.ts';

/** Everything that happened in an upgrade of two namespaces, as one text. */
async function logOf(seed: number): Promise<string> {
  const sim = await createSim({ seed });
  const log: string[] = [];
  sim.store.onChange(({ type, kind, object }) =>
    log.push(`${sim.clock.now()} ${type} ${kind.plural} ${JSON.stringify(object)}`),
  );
  const { events } = await watch(sim, '/api/v1/pods?watch=true');
  const { installer, meshTool } = sim.istioctl('1.31.0');
  await sim.run(installer.install({ revision: '1-31-0', version: '1.31.0', set: [], readinessTimeoutMs: 60_000 }));
  await sim.run(meshTool.setTag('default', '1-31-0'));
  for (const name of ['foo', 'bar']) {
    const body = { spec: { template: { metadata: { annotations: { restarted: 'yes' } } } } };
    sim.registry.patch(Deployments, { name, namespace: name }, { type: 'merge', body }, { manager: 'test' });
  }
  await sim.settle();
  return [...log, ...events.map((event) => JSON.stringify(event)), sim.clock.now()].join('\n');
}

describe('the simulator', () => {
  it.for([1, 2, 3])('does the same twice with seed %i', async (seed) => {
    expect(await logOf(seed)).toBe(await logOf(seed));
  });

  it('does something else with another seed', async () => {
    expect(await logOf(1)).not.toBe(await logOf(2));
  });

  it('shows by snapshots that a namespace did not change', async () => {
    const sim = await createSim();
    const before = sim.snapshot('outside');
    const body = { spec: { template: { metadata: { annotations: { restarted: 'yes' } } } } };
    sim.registry.patch(Deployments, { name: 'foo', namespace: 'foo' }, { type: 'merge', body });
    await sim.settle();
    expect(sim.snapshot('outside')).toEqual(before);
    expect(before.size).toBeGreaterThan(3);
    sim.registry.patch(Deployments, { name: 'outside', namespace: 'outside' }, { type: 'merge', body });
    expect(sim.snapshot('outside')).not.toEqual(before);
  });

  it('does something at the first moment at which a predicate holds', async () => {
    const sim = await createSim();
    const moments: number[] = [];
    sim.when(
      () => sim.pods('foo').length > 2,
      () => moments.push(sim.clock.now()),
    );
    const body = { spec: { replicas: 4 } };
    sim.registry.patch(Deployments, { name: 'foo', namespace: 'foo' }, { type: 'merge', body });
    await sim.settle();
    expect(moments).toHaveLength(1);
    expect(moments[0]).toBeLessThan(sim.clock.now());
  });
});

describe('the virtual clock', () => {
  it('wakes sleepers in the order of their times, and of their calls within one time', async () => {
    const clock = new VirtualClock(0);
    const order: string[] = [];
    const sleeper = async (name: string, ms: number) => {
      await clock.sleep(ms);
      order.push(`${name}@${clock.now()}`);
    };
    await clock.run(Promise.all([sleeper('c', 30), sleeper('a', 10), sleeper('b', 10)]));
    expect(order).toEqual(['a@10', 'b@10', 'c@30']);
  });

  it('rejects a sleep with the reason of its signal, at the time of the abort', async () => {
    const clock = new VirtualClock(0);
    const controller = new AbortController();
    clock.schedule(5, () => controller.abort(new Error('enough')));
    await expect(clock.run(clock.sleep(1000, controller.signal))).rejects.toThrow('enough');
    expect(clock.now()).toBe(5);
  });

  it('finds a deadlock, and a promise that takes too long', async () => {
    const clock = new VirtualClock(0);
    await expect(clock.run(new Promise(() => undefined))).rejects.toThrow('deadlock');
    await expect(clock.run(clock.sleep(2000), { limitMs: 1000 })).rejects.toThrow('did not end by 1970-01-01T00:00:01');
  });
});
