import { describe, expect, it } from 'vitest';
import { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { Lock } from '../../src/engine/lock.ts';
import { unlock } from '../../src/engine/unlock.ts';
import { createCluster } from '../../src/kubernetes/cluster.ts';
import type { TransportRequest } from '../../src/kubernetes/transport.ts';
import type { RunEvent } from '../../src/model/events.ts';
import { Leases } from '../../src/ports/kinds.ts';
import type { Lease } from '../../src/ports/objects.ts';

const mesh = { istioNamespace: 'istio-system', tag: 'default' };
const name = 'istio-canary-upgrade-default';
const never = new AbortController().signal;

/** A cluster without a mesh, and runs that want its lock. */
function scene() {
  const sim = new Sim({ seed: 3 });
  sim.addNamespace({ name: mesh.istioNamespace });
  const run = (id: string) => {
    const told: RunEvent[] = [];
    const cluster = createCluster(sim.transport, { clock: sim.clock, userAgent: id, random: sim.jitter });
    const lock = new Lock(
      {
        cluster,
        clock: sim.clock,
        random: sim.jitter,
        emit: (event) => told.push(event),
        namespace: mesh.istioNamespace,
        tag: mesh.tag,
      },
      { id, where: `https://ci.example/${id}` },
    );
    return { lock, cluster, told };
  };
  const lease = () => sim.store.get<Lease>(Leases, name, mesh.istioNamespace);
  /** Requests for the lock that match get no answer, until the returned function is called. */
  const cutOff = (agent: string): (() => void) => {
    const intercept = ({ path, headers }: TransportRequest) =>
      path.includes('/leases/') && headers?.['user-agent'] === agent ? ('refused' as const) : undefined;
    sim.transport.interceptors.push(intercept);
    return () => void sim.transport.interceptors.splice(sim.transport.interceptors.indexOf(intercept), 1);
  };
  return { sim, run, lease, cutOff };
}

const lostCode = { code: 'LOCK_LOST' };

describe('the lock', () => {
  it('is taken, kept by heartbeats, and given back', async () => {
    const { sim, run, lease } = scene();
    const { lock } = run('one');
    await sim.run(lock.acquire(never));
    expect(lease()?.spec).toMatchObject({ holderIdentity: 'one', leaseDurationSeconds: 30, leaseTransitions: 1 });
    expect(lease()?.metadata.annotations).toEqual({ 'istio-canary-upgrade/log': 'https://ci.example/one' });
    const { acquireTime, renewTime } = lease()?.spec ?? {};
    await sim.advance(120_000);
    expect(lease()?.spec.acquireTime).toBe(acquireTime);
    expect(Date.parse(lease()?.spec.renewTime ?? '') - Date.parse(renewTime ?? '')).toBeGreaterThan(110_000);
    await sim.run(lock.expectHeld());
    await sim.run(lock.release());
    expect(lease()?.spec.holderIdentity).toBe('');
    const version = lease()?.metadata.resourceVersion;
    await sim.advance(120_000);
    expect(lease()?.metadata.resourceVersion).toBe(version);
  });

  it('tells a second run within seconds who has it, since when, and where its log is', async () => {
    const { sim, run } = scene();
    const [one, two] = [run('one'), run('two')];
    await sim.run(one.lock.acquire(never));
    await sim.advance(7_000);
    const since = sim.clock.now();
    const refusal = await sim.run(two.lock.acquire(never).then(undefined, (failure: unknown) => failure));
    expect(refusal).toMatchObject({ code: 'LOCK_HELD' });
    expect(String(refusal)).toMatch(/run one, since 2026-.*, its log: https:\/\/ci\.example\/one/);
    expect(sim.clock.now() - since).toBeLessThan(9_000);
    expect(two.told).toMatchObject([{ kind: 'lock-held', holder: { id: 'one' } }]);
    await sim.run(one.lock.expectHeld());
  });

  it.for(['expectFree', 'acquire'] as const)('of a dead run ends by itself: %s', async (way) => {
    const { sim, run, lease, cutOff } = scene();
    const [one, two] = [run('one'), run('two')];
    await sim.run(one.lock.acquire(never));
    cutOff('one');
    const since = sim.clock.now();
    await sim.run(two.lock[way](never));
    expect(sim.clock.now() - since).toBeGreaterThanOrEqual(30_000);
    expect(sim.clock.now() - since).toBeLessThan(35_000);
    await sim.run(two.lock.acquire(never));
    expect(lease()?.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 2 });
    expect(two.lock.epoch).toBe(2);
  });

  it.for([-86_400_000, 86_400_000])('is judged by change, not by clocks: the holder is off by %d ms', async (skew) => {
    const { sim, run, lease } = scene();
    const [one, two] = [run('one'), run('two')];
    await sim.run(one.lock.acquire(never));
    await sim.run(one.lock.release());
    const written = lease();
    if (written === undefined) throw new Error('no Lease');
    const renewTime = new Date(sim.clock.now() + skew).toISOString().replace('Z', '000Z');
    const spec = { ...written.spec, holderIdentity: 'ghost', leaseDurationSeconds: 30, renewTime };
    sim.registry.replace(Leases, { ...written, spec }, { manager: 'ghost' });
    const since = sim.clock.now();
    await sim.run(two.lock.acquire(never));
    expect(sim.clock.now() - since).toBeGreaterThanOrEqual(30_000);
    expect(two.lock.epoch).toBe(2);
  });

  it('is taken over at once from a run that is known to have ended, and fences that run off', async () => {
    const { sim, run } = scene();
    const [one, two] = [run('one'), run('two')];
    await sim.run(one.lock.acquire(never));
    const since = sim.clock.now();
    await sim.run(two.lock.acquire(never, { heirOf: 'one' }));
    expect(sim.clock.now() - since).toBeLessThan(1_000);
    await sim.advance(10_000);
    await expect(sim.run(one.lock.expectHeld())).rejects.toMatchObject(lostCode);
    expect(() => one.lock.expectNotLost()).toThrow(/now held by run two/);
    await sim.run(one.lock.release());
    await sim.run(two.lock.expectHeld());
  });

  it('that lapsed while the API server was away is renewed before the next effect', async () => {
    const { sim, run, cutOff } = scene();
    const { lock, told } = run('one');
    await sim.run(lock.acquire(never));
    const restore = cutOff('one');
    await sim.advance(60_000);
    await expect(sim.run(lock.expectHeld())).rejects.toThrow();
    restore();
    await sim.run(lock.expectHeld());
    expect(lock.epoch).toBe(1);
    expect(told.some(({ kind }) => kind === 'lock-not-renewed')).toBe(true);
  });

  it('that lapsed and was taken is lost, whenever the old holder asks', async () => {
    const { sim, run, cutOff } = scene();
    const [one, two] = [run('one'), run('two')];
    await sim.run(one.lock.acquire(never));
    const restore = cutOff('one');
    await sim.run(two.lock.acquire(never));
    restore();
    await expect(sim.run(one.lock.expectHeld())).rejects.toMatchObject(lostCode);
  });

  it('never has an epoch below that of the journal, although another writer deleted the Lease', async () => {
    const { sim, run } = scene();
    const { lock } = run('one');
    await sim.run(lock.acquire(never, { above: 41 }));
    expect(lock.epoch).toBe(42);
  });

  it('is kept although another writer deletes or annotates the Lease', async () => {
    const { sim, run, lease } = scene();
    const { lock } = run('one');
    await sim.run(lock.acquire(never));
    sim.registry.delete(Leases, { name, namespace: mesh.istioNamespace });
    await sim.advance(10_000);
    expect(lease()?.spec).toMatchObject({ holderIdentity: 'one', leaseTransitions: 1 });
    const patch = { type: 'merge', body: { metadata: { annotations: { note: 'do not touch' } } } } as const;
    sim.registry.patch(Leases, { name, namespace: mesh.istioNamespace }, patch, { manager: 'kubectl' });
    await sim.advance(10_000);
    await sim.run(lock.expectHeld());
    expect(lease()?.metadata.annotations?.['note']).toBe('do not touch');
  });

  it.for(['timeout-after-commit', 'timeout-before-commit'] as const)(
    'is taken once although the answer was lost: %s',
    async (fault) => {
      const { sim, run, lease } = scene();
      const { lock } = run('one');
      let faults = 1;
      sim.transport.interceptors.push(({ method }) => (method !== 'GET' && faults-- > 0 ? fault : undefined));
      await sim.run(lock.acquire(never));
      expect(lease()?.spec).toMatchObject({ holderIdentity: 'one', leaseTransitions: 1 });
      await sim.run(lock.expectHeld());
    },
  );

  it('is taken by one of two runs that request it at once', async () => {
    const { sim, run } = scene();
    const [one, two] = [run('one'), run('two')];
    const both = Promise.allSettled([one.lock.acquire(never), two.lock.acquire(never)]);
    const ends = (await sim.run(both)).map(({ status }) => status);
    expect(ends.sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('reports that it was not free when the wait is interrupted', async () => {
    const { sim, run, cutOff } = scene();
    const [one, two] = [run('one'), run('two')];
    await sim.run(one.lock.acquire(never));
    cutOff('one');
    const interruption = new AbortController();
    sim.in(5_000, () => interruption.abort(new Error('SIGINT')));
    await expect(sim.run(two.lock.acquire(interruption.signal))).rejects.toMatchObject({ code: 'LOCK_HELD' });
  });
});

describe('unlock', () => {
  it('frees the lock of the named run, which then starts nothing more', async () => {
    const { sim, run } = scene();
    const [one, two] = [run('one'), run('two')];
    await sim.run(one.lock.acquire(never));
    expect(await sim.run(unlock(two.cluster, mesh, 'one'))).toMatchObject({ id: 'one' });
    const since = sim.clock.now();
    await sim.run(two.lock.acquire(never));
    expect(sim.clock.now() - since).toBeLessThan(1_000);
    await sim.advance(10_000);
    await expect(sim.run(one.lock.expectHeld())).rejects.toMatchObject(lostCode);
  });

  it('refuses any other name, and touches nothing', async () => {
    const { sim, run, lease } = scene();
    const [one, two] = [run('one'), run('two')];
    const refusal = { code: 'LOCK_HOLDER_DIFFERS' };
    await expect(sim.run(unlock(two.cluster, mesh, 'one'))).rejects.toMatchObject(refusal);
    await sim.run(one.lock.acquire(never));
    await expect(sim.run(unlock(two.cluster, mesh, 'uno'))).rejects.toMatchObject(refusal);
    expect(lease()?.spec.holderIdentity).toBe('one');
  });
});
