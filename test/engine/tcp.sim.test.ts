import { describe, expect, it } from 'vitest';
import type { SimOptions } from '../../harness/rehearsal/sim/create-sim.ts';
import { configOf, type Ended, goUpgrade, New, Old, podsIn, seedPods, servingMesh } from './engine-fixtures.ts';

const seed = 25;
/** Long enough to count bytes in a whole sliding window. */
const config = configOf({ gate: 'maxBake: 15m' });

/** The seed mesh, in which one namespace has TCP connections instead of requests, now and in the hours before. */
async function withTcpIn(
  namespace: string,
  connections: { perSecond: number; bytesPerSecond?: number },
  options?: SimOptions,
) {
  const sim = await servingMesh({ seed, ...options });
  // What gateways send there would be requests.
  sim.traffic.routeGateways([{ namespace: 'baz', workload: 'baz' }]);
  sim.traffic.setRate({ namespace, rps: 0, always: true });
  sim.traffic.setConnections({ namespace, ...connections, always: true });
  await sim.advance(60_000);
  return sim;
}

const verdicts = ({ events }: Ended) =>
  events.flatMap((event) => (event.kind === 'verdict' ? [`${event.wave}: ${event.judged.verdict}`] : []));
const firstReason = ({ events }: Ended) =>
  events.flatMap((event) => (event.kind === 'verdict' ? [event.judged.reason] : []))[0];

describe(`a wave that speaks only TCP (seed ${seed})`, () => {
  it('passes by its connections', async () => {
    const sim = await withTcpIn('bar', { perSecond: 5 });
    const run = await goUpgrade(sim, { config });
    expect(run.kind).toBe('completed');
    expect(firstReason(run)).toMatch(
      /^TCP connections that the wave's applications did not take 0 % \(0 of \d+ connections\), usually 0 %/,
    );
  });

  it('passes as a later wave too', async () => {
    const sim = await withTcpIn('foo', { perSecond: 5 });
    const waves =
      '[{ name: canary, namespaces: [bar] }, { name: tcp, namespaces: [foo] }, { name: rest, namespaces: "*" }]';
    const run = await goUpgrade(sim, { config: configOf({ waves, gate: 'maxBake: 15m' }) });
    expect(run.kind).toBe('completed');
    expect(verdicts(run)).toEqual(['canary: pass', 'tcp: pass', 'rest: pass']);
  });

  it('passes by its bytes if it keeps few connections open', async () => {
    const sim = await withTcpIn('bar', { perSecond: 0.01, bytesPerSecond: 5_000 });
    const run = await goUpgrade(sim, { config });
    expect(run.kind).toBe('completed');
    expect(firstReason(run)).toMatch(/^TCP connections 0 of \d connections failed, and 3 MB sent in 5 min/);
  });

  it('is held if it has few connections and no bytes, since nothing proves that it works', async () => {
    const sim = await withTcpIn('bar', { perSecond: 0.01, bytesPerSecond: 0 });
    expect(await goUpgrade(sim, { config })).toMatchObject({ kind: 'held', codes: ['GATE_INCONCLUSIVE'] });
  });

  it.for([
    { fail: 'do not reach a server', failing: {}, says: 'TCP connections' },
    {
      fail: 'are not taken by its applications',
      failing: { seenBy: 'server' as const },
      says: "TCP connections that the wave's applications did not take",
    },
    { fail: 'find no healthy host', failing: { flags: 'UH' }, says: 'TCP connections' },
  ])('is rolled back if connections $fail', async ({ failing, says }) => {
    const sim = await withTcpIn('bar', { perSecond: 5 });
    sim.traffic.setConnectionFailures({ namespace: 'bar', revision: New, ratio: 0.2, ...failing });
    const run = await goUpgrade(sim, { config });
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(run.outcome?.problems[0]?.message).toContain(says);
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('is rolled back if its servers take all connections and answer nothing, as an authorization policy makes them', async () => {
    const sim = await withTcpIn('bar', { perSecond: 5 });
    sim.traffic.setConnections({ namespace: 'bar', revision: New, perSecond: 5, bytesPerSecond: 0 });
    const run = await goUpgrade(sim, { config });
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(run.outcome?.problems[0]?.message).toContain('bytes missing on TCP connections of bar/bar');
  });
});

describe(`a wave that has requests and TCP connections (seed ${seed})`, () => {
  const mixed = async (perSecond: number) => {
    const sim = await servingMesh({ seed });
    sim.traffic.setConnections({ namespace: 'bar', perSecond, always: true });
    await sim.advance(60_000);
    return sim;
  };

  it('passes by its requests, whatever few connections it has', async () => {
    const sim = await mixed(0.02);
    sim.traffic.setConnectionFailures({ namespace: 'bar', ratio: 0.5 });
    const run = await goUpgrade(sim);
    expect(run.kind).toBe('completed');
    expect(firstReason(run)).toMatch(/^server-side errors 0 %/);
  });

  it('is rolled back if only its connections fail', async () => {
    const sim = await mixed(5);
    sim.traffic.setConnectionFailures({ namespace: 'bar', revision: New, ratio: 0.3 });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(run.outcome?.problems[0]?.message).toContain('TCP connections');
  });
});
