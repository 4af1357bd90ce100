import { describe, expect, it } from 'vitest';
import { simMesh } from '../../harness/rehearsal/backends/sim-mesh.ts';
import { releaseOnSim, repairOnSim, SimFaults } from '../../harness/rehearsal/backends/sim-troubles.ts';
import { parseScenario } from '../../harness/rehearsal/scenarios/load-scenario.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';

/** A release that misbehaves is best seen where its proxies run from the start. */
const running = { version: '1.30.4', revision: '1-30-4' };
const Minute = 60_000;

function shapes(more: string) {
  return parseScenario(
    `title: one
runs: [{ verb: upgrade, exitCode: 0 }]
expect: { tag: new, pods: new, controlPlanes: [new], restarts: {}, untouched: [outside] }
${more}`,
    'one.yaml',
  );
}

async function meshWith(text: string): Promise<Sim> {
  const { mesh, release } = shapes(text);
  const sim = await simMesh(mesh, 5, running);
  releaseOnSim(sim, running.revision, release);
  await sim.advance(10 * Minute);
  return sim;
}

/** The share of the requests of a namespace that a selector matches, in the last minutes. */
async function shareOf(sim: Sim, selector: string, { of = 'namespace="bar"', window = '5m' } = {}): Promise<number> {
  const sum = (matchers: string) => `sum(increase(istio_requests_total{${matchers}}[${window}]))`;
  const { series } = await sim.run(sim.metrics.query(`${sum(`${of},${selector}`)} / ${sum(of)}`));
  return series[0]?.value ?? 0;
}

const served = { of: 'reporter="destination",namespace="bar"' };

describe('a mesh on the simulator whose requests an extension provider authorizes', () => {
  it.for([
    { what: 'serves while its mesh config has that provider', provider: 'opa', share: 0 },
    { what: 'refuses every request without it', provider: 'other', share: 1 },
  ])('$what', async ({ provider, share }) => {
    const sim = await meshWith(`mesh: { authorizer: opa, set: ["meshConfig.extensionProviders[0].name=${provider}"] }`);
    expect(await shareOf(sim, 'response_code="403"', served)).toBe(share);
  });
});

describe('a mesh on the simulator that calls hosts outside the registry', () => {
  it.for([
    { what: 'reaches them by default', set: '', share: 0 },
    { what: 'is blocked by REGISTRY_ONLY', set: '"meshConfig.outboundTrafficPolicy.mode=REGISTRY_ONLY"', share: 0.1 },
  ])('$what, as its own proxies see it', async ({ set, share }) => {
    const sim = await meshWith(`mesh: { outside: 10%, set: [${set}] }`);
    expect(await shareOf(sim, 'response_code="502"', { of: 'reporter="source",namespace="bar"' })).toBeCloseTo(
      share,
      2,
    );
    expect(await shareOf(sim, 'response_code="502"', served)).toBe(0);
  });
});

describe('a release on the simulator', () => {
  it.for([
    { what: 'fails with 503', release: 'errors: 20%', selector: 'response_code="503"', share: 0.2 },
    {
      what: 'refuses requests',
      release: 'errors: 100%, failure: { status: 403 }',
      selector: 'response_code="403",response_flags="-"',
      share: 1,
    },
    {
      what: 'fails gRPC requests',
      release: 'errors: 50%, failure: { grpc: true }',
      selector: 'grpc_response_status="14"',
      share: 0.5,
    },
  ])('$what as its servers see it', async ({ release, selector, share }) => {
    const sim = await meshWith(`release: { ${release} }`);
    expect(await shareOf(sim, selector, served)).toBeCloseTo(share, 2);
    // A gateway serves nothing itself.
    expect(await shareOf(sim, 'response_code="200",grpc_response_status=""', { of: 'namespace="istio-ingress"' })).toBe(
      1,
    );
  });

  it('has no route for requests, which only their callers see', async () => {
    const sim = await meshWith('release: { errors: 10%, failure: { noRoute: true } }');
    expect(await shareOf(sim, 'response_flags="NR"', served)).toBe(0);
    expect(await shareOf(sim, 'response_flags="NR"', { of: 'reporter="source",namespace="bar"' })).toBeCloseTo(0.1, 2);
  });

  it('fails the requests of a gateway that is named', async () => {
    const sim = await meshWith('release: { errors: 33%, errorsIn: [istio-ingress] }');
    expect(await shareOf(sim, 'response_code="503"', { of: 'namespace="istio-ingress"' })).toBeCloseTo(0.33, 2);
    expect(await shareOf(sim, 'response_code="503"')).toBe(0);
  });

  it('is slower by what is written', async () => {
    const sim = await meshWith('release: { slow: 2s }');
    const of = (part: string) =>
      `sum(increase(istio_request_duration_milliseconds_${part}{namespace="bar",reporter="destination"}[5m]))`;
    const { series } = await sim.run(sim.metrics.query(`${of('sum')} / ${of('count')}`));
    expect(series[0]?.value).toBeCloseTo(2012, -1);
  });

  it('fails in addition to what fails in the mesh at all times, and no longer when it is repaired', async () => {
    const sim = await meshWith(
      'mesh: { errors: 2%, traffic: 1000 requests/s }\nrelease: { errors: 30%, failure: { status: 403 } }',
    );
    expect(await shareOf(sim, 'response_code="403"', served)).toBeCloseTo(0.3, 2);
    const usual = await shareOf(sim, 'response_code="503"', { ...served, window: '6h' });
    expect(usual).toBeGreaterThan(0.017);
    expect(usual).toBeLessThan(0.023);
    repairOnSim(sim, running.revision);
    await sim.advance(6 * Minute);
    expect(await shareOf(sim, 'response_code="403"', served)).toBe(0);
    expect(await shareOf(sim, 'response_code="503"', served)).toBeGreaterThan(0);
  });
});

describe('an incident on the simulator', () => {
  it('fails five of a hundred requests more in the whole mesh for as long as it lasts', async () => {
    const { mesh, faults } = shapes('faults: [{ kind: incident, stage: judge-canary, for: 10m }]');
    const sim = await simMesh(mesh, 5, running);
    const simFaults = new SimFaults(sim, '1-31-0', faults, 50);
    simFaults.see({ kind: 'stage-started', number: 6, step: 'judge-canary', name: '', title: '', at: sim.clock.now() });
    await sim.advance(9 * Minute);
    const everywhere = { of: 'namespace!=""' };
    expect(await shareOf(sim, 'response_code="503"', everywhere)).toBeCloseTo(0.05, 3);
    await sim.advance(10 * Minute);
    expect(await shareOf(sim, 'response_code="503"', everywhere)).toBe(0);
  });
});
