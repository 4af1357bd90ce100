import { describe, expect, it } from 'vitest';
import { createSim, type Sim, type SimOptions } from '../../../harness/rehearsal/sim/create-sim.ts';

const Hour = 3_600_000;

/** Requests of a namespace between two moments, by response code, from raw counters. */
async function counted(sim: Sim, namespace: string, from: number, until: number) {
  const query = `sum by (response_code) (istio_requests_total{reporter="destination",namespace="${namespace}"})`;
  const at = async (moment: number) =>
    new Map(
      (await sim.run(sim.metrics.query(query, moment))).series.map(({ labels, value }) => [
        labels['response_code'],
        value,
      ]),
    );
  const [before, after] = [await at(from), await at(until)];
  return Object.fromEntries([...after].map(([code, value]) => [code, value - (before.get(code) ?? 0)]));
}

const mesh = (options: SimOptions = {}) => createSim({ rps: 10, ...options });

describe('the history of a simulated mesh', () => {
  it('has eight hours of samples by default, of pods that have run as long', async () => {
    const sim = await mesh();
    const now = sim.clock.now();
    expect(await counted(sim, 'foo', now - 7 * Hour, now - Hour)).toEqual({ 200: 2 * 10 * 6 * 3600 });
    const started = Math.max(...sim.pods('foo').map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? '')));
    expect(now - started).toBeGreaterThanOrEqual(8 * Hour);
  });

  it('can be left out: a new mesh has no samples of an hour ago', async () => {
    const sim = await mesh({ historyMs: 0 });
    const { series } = await sim.run(sim.metrics.query('istio_requests_total', sim.clock.now() - Hour));
    expect(series).toEqual([]);
  });

  it('ends at the same moment however long it is', async () => {
    expect((await mesh()).clock.now()).toBe((await mesh({ historyMs: 0 })).clock.now());
  });

  it('has the error ratio and the rate that are set for always', async () => {
    const sim = await mesh();
    sim.traffic.setRate({ namespace: 'foo', rps: 20, always: true });
    sim.traffic.setErrorRatio({ namespace: 'foo', ratio: 0.01, always: true });
    const now = sim.clock.now();
    expect(await counted(sim, 'foo', now - 7 * Hour, now - Hour)).toEqual({
      200: 2 * 20 * 6 * 3600 * 0.99,
      500: 2 * 20 * 6 * 3600 * 0.01,
    });
  });

  it('does not have what is set from now on', async () => {
    const sim = await mesh();
    const now = sim.clock.now();
    sim.traffic.setErrorRatio({ namespace: 'foo', ratio: 0.5 });
    await sim.advance(Hour);
    expect(await counted(sim, 'foo', now - 7 * Hour, now)).toEqual({ 200: 2 * 10 * 7 * 3600 });
    expect((await counted(sim, 'foo', now, now + Hour))['500']).toBeCloseTo(2 * 10 * 1800, -3);
  });

  it('is remembered of pods that are gone', async () => {
    const sim = await mesh();
    const now = sim.clock.now();
    const [pod] = sim.pods('foo');
    const resource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
    sim.registry.delete(resource, { name: pod?.metadata.name ?? '', namespace: 'foo' });
    await sim.advance(Hour);
    expect(await counted(sim, 'foo', now - 7 * Hour, now - Hour)).toEqual({ 200: 2 * 10 * 6 * 3600 });
  });
});
