import { describe, expect, it } from 'vitest';
import type { SimOptions } from '../../harness/rehearsal/sim/create-sim.ts';
import {
  labelDropped,
  type Relabelling,
  reporterSwitchedOff,
  tagRemoved,
} from '../../harness/rehearsal/sim/metrics/relabelled.ts';
import { sight as checkOfSight } from '../../src/checks/sight.ts';
import { renderSight } from '../../src/report/render-sight.ts';
import { configOf, goCheck, goUpgrade, servingMesh } from '../engine/engine-fixtures.ts';

const seed = 16;

/** What `check` finds about the gate, by code, and the waves' sight. */
async function checked(
  relabelling: Relabelling | undefined,
  { config = configOf(), ...options }: SimOptions & { config?: ReturnType<typeof configOf> } = {},
) {
  const sim = await servingMesh({ seed, rps: 20, ...options });
  sim.prometheus.faults.relabelling = relabelling;
  const { findings, sight } = await goCheck(sim, config);
  const found = findings.filter(({ meaning }) => meaning.isAboutGate === true);
  return { sim, sight, found, codes: found.map(({ severity, code }) => `${severity} ${code}`) };
}

describe(`what check finds of the gate's sight (seed ${seed})`, () => {
  it('is nothing in a mesh with traffic, history and all labels', async () => {
    const { codes, sight } = await checked(undefined);
    expect(codes).toEqual([]);
    expect(sight).toMatchObject({
      waves: [
        { wave: 'gateways', pods: 2, unscraped: [], decides: 'outbound', hasRest: true },
        { wave: 'canary', pods: 2, unscraped: [], scrapeMs: 15_000, decides: 'serverSide', hasRest: true },
        { wave: 'rest', unscraped: [], hasRest: false },
      ],
    });
  });

  it.for([
    { label: 'response_code', says: 'failed requests look like successful ones' },
    { label: 'reporter', says: 'these requests are not counted at all' },
  ])('blocks if relabelling drops $label, whatever wave it is', async ({ label, says }) => {
    const { found } = await checked(labelDropped(label));
    const lost = found.find(({ code }) => code === 'GATE_LABEL_LOST');
    expect(lost).toMatchObject({ severity: 'blocks', objects: ['bar', 'baz', 'foo', 'istio-ingress'] });
    expect(lost?.message).toContain(`The label ${label} is absent from`);
    expect(lost?.message).toContain(says);
  });

  it('blocks if a tag override of the Telemetry API removes response_code', async () => {
    expect((await checked(tagRemoved('response_code'))).codes).toContain('blocks GATE_LABEL_LOST');
  });

  it('warns if response_flags are dropped', async () => {
    expect((await checked(labelDropped('response_flags'))).codes).toEqual(['warns GATE_LABEL_LOST']);
  });

  it('names the namespace whose servers report nothing, and judges it by its clients', async () => {
    const { found, sight } = await checked(reporterSwitchedOff('destination', 'bar'));
    expect(found).toMatchObject([{ code: 'GATE_SEES_CLIENTS_ONLY', objects: ['bar'] }]);
    expect(sight).toMatchObject({ waves: [{}, { decides: 'clientSide', power: { rate: expect.any(Number) } }, {}] });
  });

  it('says that the clients of a wave are not seen', async () => {
    const { found } = await checked({
      labelsOf: (labels) => (labels['reporter'] === 'source' ? [] : [labels]),
      collide: 'first',
    });
    expect(found).toMatchObject([
      { code: 'GATEWAYS_WITHOUT_REQUESTS', objects: ['gateways'] },
      { code: 'GATE_SEES_ONE_SIDE', objects: ['canary', 'rest'] },
    ]);
  });

  it('blocks for a canary without a request, and warns for a later wave, by name', async () => {
    const { found } = await checked(undefined, { rps: 0, historyMs: 0 });
    expect(found.map(({ code, severity, objects }) => [severity, code, objects])).toEqual([
      ['blocks', 'GATE_BLIND', []],
      ['warns', 'WAVE_WITHOUT_REQUESTS', ['rest']],
      ['warns', 'GATEWAYS_WITHOUT_REQUESTS', ['gateways']],
    ]);
  });

  it('names the pods that are not scraped', async () => {
    const sim = await servingMesh({ seed, rps: 20 });
    sim.prometheus.stopScraping('foo', 'refused');
    await sim.advance(60_000);
    const { findings } = await goCheck(sim);
    const names = sim.pods('foo').map(({ metadata }) => `foo/${metadata.name} (wave rest)`);
    expect(findings.find(({ code }) => code === 'POD_NOT_SCRAPED')?.objects).toEqual(names);
  });

  it('passes over a wave without a pod, by name', async () => {
    const preview = {
      name: 'preview',
      labels: { 'istio.io/rev': 'default' },
      workloads: [{ name: 'app', replicas: 0 }],
    };
    const config = configOf({
      waves:
        '[{ name: canary, namespaces: [bar] }, { name: preview, namespaces: [preview] }, { name: rest, namespaces: "*" }]',
    });
    const { found } = await checked(undefined, { more: [preview], config });
    expect(found).toMatchObject([{ code: 'WAVE_WITHOUT_PODS', severity: 'notes', objects: ['preview'] }]);
  });

  it('warns of waves with too little traffic, and proposes a bake that would be enough', async () => {
    const { found, sight } = await checked(undefined, { rps: 0.2 });
    const weak = found.find(({ code }) => code === 'GATE_WEAK');
    expect(weak).toMatchObject({ severity: 'warns' });
    expect(weak?.objects[0]).toMatch(/^canary: 5 % of failures takes \d+ (?:h|min)/);
    expect(weak?.fix).toMatch(/^gate\.maxBake: \d+m would be enough at this traffic/);
    expect(renderSight(sight, configOf().gate).join('\n')).toMatch(/canary: 0\.\d+ requests/);
  });

  it('names the waves after which too little traffic is left to compare them with', async () => {
    const sim = await servingMesh({ seed, rps: 20 });
    const waves =
      '[{ name: canary, namespaces: [bar] }, { name: middle, namespaces: [foo, baz] }, { name: rest, namespaces: "*" }]';
    for (const namespace of ['foo', 'baz']) sim.traffic.setRate({ namespace, rps: 0.01, always: true });
    const { findings } = await goCheck(sim, configOf({ waves }));
    const alone = findings.find(({ code }) => code === 'GATE_WITHOUT_REST');
    expect(alone).toMatchObject({ severity: 'notes', objects: ['canary'] });
  });

  it('says of a namespace that has only TCP connections that it is judged by them, with their rate', async () => {
    const sim = await servingMesh({ seed, rps: 20 });
    sim.traffic.routeGateways([{ namespace: 'baz', workload: 'baz' }]);
    sim.traffic.setRate({ namespace: 'bar', rps: 0, always: true });
    sim.traffic.setConnections({ namespace: 'bar', perSecond: 5, always: true });
    await sim.advance(60_000);
    const { findings, sight } = await goCheck(sim);
    const found = findings.filter(({ meaning }) => meaning.isAboutGate === true);
    expect(found).toMatchObject([{ code: 'GATE_SEES_TCP_ONLY', severity: 'notes', objects: ['bar'] }]);
    expect(sight).toMatchObject({ waves: [{ wave: 'gateways' }, { wave: 'canary', decides: 'tcpConnections' }, {}] });
    expect(renderSight(sight, configOf().gate)[2]).toMatch(/^ {2}canary: 10 TCP connections\/s, usually 0 % fail; /);
  });

  it('blocks if the flags of TCP connections are dropped, without which every connection looks served', async () => {
    const sim = await servingMesh({ seed, rps: 20 });
    sim.prometheus.faults.relabelling = labelDropped('response_flags');
    sim.traffic.setConnections({ namespace: 'bar', perSecond: 5, always: true });
    await sim.advance(60_000);
    const { findings } = await goCheck(sim);
    const lost = findings.filter(({ code }) => code === 'GATE_LABEL_LOST');
    expect(lost).toMatchObject([{ severity: 'blocks', objects: ['bar'] }, { severity: 'warns' }]);
    expect(lost[0]?.message).toBe(
      'The label response_flags is absent from istio_tcp_connections_opened_total of 1 namespace: connections that fail look like served ones.',
    );
  });

  it('blocks for a canary whose TCP connections fail before the upgrade begins, though its requests do not', async () => {
    const sim = await servingMesh({ seed, rps: 20 });
    sim.traffic.setConnections({ namespace: 'bar', perSecond: 5, always: true });
    sim.traffic.setConnectionFailures({ namespace: 'bar', ratio: 0.5, seenBy: 'server' });
    await sim.advance(600_000);
    const { findings } = await goCheck(sim);
    const red = findings.filter(({ code }) => code === 'GATE_RED_BEFORE_START');
    expect(red).toMatchObject([{ severity: 'blocks', objects: ['bar'] }]);
    expect(red[0]?.message).toMatch(/^50 % of the canary's TCP connections fail already, before the upgrade; usually /);
  });

  it('says that nothing is known if a query about the history fails', () => {
    const unknown = { unknown: 'query processing would load too many samples' };
    expect(checkOfSight.find({ sight: unknown } as never, { gate: configOf().gate } as never)).toMatchObject([
      { code: 'GATE_SIGHT_UNKNOWN', severity: 'warns', message: unknown.unknown },
    ]);
    expect(renderSight(unknown, configOf().gate)).toEqual([
      `What the gate would notice is not known: ${unknown.unknown}`,
    ]);
  });

  it('says that a young mesh has no history', async () => {
    const { found } = await checked(undefined, { historyMs: 0 });
    expect(found).toMatchObject([
      { code: 'GATE_WITHOUT_HISTORY', severity: 'notes', objects: ['gateways', 'canary', 'rest'] },
    ]);
  });
});

describe(`a mesh that is scraped every 60 s, with gate.interval at 15 s (seed ${seed})`, () => {
  it('is told so by check, and upgraded', async () => {
    const sim = await servingMesh({ seed, rps: 20, scrapeIntervalMs: 60_000 });
    const { findings } = await goCheck(sim);
    const seldom = findings.find(({ code }) => code === 'GATE_SCRAPED_SELDOM');
    expect(seldom).toMatchObject({
      severity: 'notes',
      objects: ['gateways: every 60 s', 'canary: every 60 s', 'rest: every 60 s'],
    });
    expect((await goUpgrade(sim)).kind).toBe('completed');
  });

  it('is rolled back if the new release fails', async () => {
    const sim = await servingMesh({ seed, rps: 20, scrapeIntervalMs: 60_000 });
    sim.traffic.setErrorRatio({ revision: '1-31-0', ratio: 0.3 });
    expect((await goUpgrade(sim)).kind).toBe('rolled-back');
  });
});
