import { describe, expect, it } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { injectedGateway } from '../../harness/rehearsal/sim/seed-mesh.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { takeInventory } from '../../src/inventory/take-inventory.ts';
import { Services } from '../../src/ports/kinds.ts';
import { type Ask, decide, defaultGate, unasked } from '../../src/proposal/decide.ts';
import { findPrometheus } from '../../src/proposal/find-prometheus.ts';
import { goCheck, servingMesh } from '../engine/engine-fixtures.ts';

const follows = { 'istio.io/rev': 'default' };
const names = (count: number) => Array.from({ length: count }, (_, index) => `team-${index}`);

async function decided(sim: Sim, { tag = '', target = '', ask = unasked, traffic = true } = {}) {
  const { cluster } = await sim.run(simRun(sim));
  try {
    const found = await sim.run(findPrometheus(cluster, () => sim.metrics));
    const settings = defaultGate();
    const inventory = await sim.run(
      takeInventory({
        cluster,
        istioNamespace: 'istio-system',
        tag: 'default',
        ...(traffic && { gate: { metrics: sim.metrics, settings } }),
      }),
    );
    const known = { inventory, cluster: 'production', critical: new Map(), prometheus: found[0] };
    return await decide(known, { ...(tag !== '' && { tag }), ...(target !== '' && { target }) }, ask);
  } finally {
    await sim.run(cluster.close());
  }
}

const meshes = {
  'the seed mesh': { options: {}, canary: ['bar'], waves: ['canary', 'rest'] },
  'a mesh without revisions': { options: { revision: 'default' }, canary: ['bar'], waves: ['canary', 'rest'] },
  'a mesh of forty namespaces': {
    options: {
      namespaces: [
        ...names(40).map((name) => ({ name, labels: follows, workloads: [{ name: 'app' }] })),
        { name: 'istio-ingress', labels: follows, workloads: [injectedGateway('istio-ingressgateway')] },
        { name: 'monitoring', workloads: [{ name: 'prometheus', port: 9090 }] },
      ],
    },
    canary: ['team-0'],
    waves: ['canary', 'tenth', 'quarter', 'rest'],
  },
  'a mesh of one namespace without a gateway and without a Prometheus': {
    options: { namespaces: [{ name: 'shop', labels: follows, workloads: [{ name: 'cart' }] }] },
    canary: ['shop'],
    waves: ['canary'],
  },
} as const;

describe('the config that init proposes', () => {
  it.for(Object.entries(meshes))('for %s is loaded without a complaint', async ([, { options, canary, waves }]) => {
    const { text } = await decided(await servingMesh(options));
    const config = loadConfig(text, 'istio-upgrade.yaml');
    expect(config.waves.map(({ name }) => name)).toEqual(waves);
    expect(config.waves[0]?.namespaces).toEqual(canary);
    expect(config.target.version).toBe('1.31.0');
    expect(config.mesh).toMatchObject({ tag: 'default', cluster: 'production' });
  });

  it('for the seed mesh names its gateway and its Prometheus, and passes its own check', async () => {
    const sim = await servingMesh();
    const { text } = await decided(sim);
    const config = loadConfig(text, 'istio-upgrade.yaml');
    expect(config.gateways).toEqual(['istio-ingress/istio-ingressgateway']);
    expect(config.prometheus.url).toBe('kubernetes://monitoring/prometheus:9090');
    expect(text).toMatch(/prometheus: \S+ +# has \d+ series of istio_requests_total/);
    expect((await goCheck(sim, config)).blocked).toBe(false);
  });

  it('says where no Prometheus is found, and that the traffic is not known', async () => {
    const { text } = await decided(
      await servingMesh(meshes['a mesh of one namespace without a gateway and without a Prometheus'].options),
      {
        traffic: false,
      },
    );
    expect(text).toContain('# NOT FOUND: write the address of your Prometheus here');
    expect(text).toContain('its traffic is not known');
    expect(text).toContain('the default, because the traffic is not known');
  });

  it('asks for each decision with its proposal, and takes the answers', async () => {
    const asked: string[] = [];
    const ask: Ask = async (question, proposed, refusal) => {
      asked.push(`${question} [${proposed}]`);
      const answer = /release/.test(question) ? '1.30.5' : /canary/.test(question) ? 'baz, bar' : proposed;
      expect(refusal(answer)).toBeUndefined();
      return answer;
    };
    const { text } = await decided(await servingMesh(), { ask });
    expect(asked).toEqual([
      'Upgrade Istio 1.30.4 to which release? [1.31.0]',
      'Which namespaces are the canary, which is restarted and judged first? [bar]',
      'How long does a wave bake? [10m]',
    ]);
    const config = loadConfig(text, 'istio-upgrade.yaml');
    expect(config.target.version).toBe('1.30.5');
    expect(config.waves[0]?.namespaces).toEqual(['bar', 'baz']);
  });

  it.for([
    { what: 'a tag that nothing follows', wishes: { tag: 'prod' }, code: 'NOTHING_FOLLOWS_TAG' },
    { what: 'a target that is no version', wishes: { target: 'latest' }, code: 'PROPOSAL_REFUSED' },
  ])('refuses $what', async ({ wishes, code }) => {
    await expect(decided(await servingMesh(), wishes)).rejects.toMatchObject({ code });
  });

  it('asks for a target when the mesh runs the newest release that is known', async () => {
    await expect(decided(await servingMesh({ from: '1.31.0', revision: '1-31-0' }))).rejects.toMatchObject({
      code: 'NO_RELEASE_FOLLOWS',
    });
  });
});

describe('a Prometheus in the cluster', () => {
  const service = (sim: Sim, name: string, port: number) =>
    sim.registry.create(
      Services,
      { metadata: { name, namespace: 'monitoring' }, spec: { ports: [{ port }] } } as never,
      { manager: 'helm' },
    );

  it('is a Service that looks like one, likeliest first, without those that stand beside it', async () => {
    const sim = await servingMesh();
    service(sim, 'prometheus-operator', 9090);
    service(sim, 'prometheus-alertmanager', 9090);
    service(sim, 'thanos-query', 10902);
    service(sim, 'vmselect-main', 8481);
    service(sim, 'prometheus-ssh', 22);
    const { cluster } = await sim.run(simRun(sim));
    const found = await sim.run(findPrometheus(cluster, () => sim.metrics));
    expect(found.map(({ url }) => url)).toEqual([
      'kubernetes://monitoring/prometheus:9090',
      'kubernetes://monitoring/thanos-query:10902',
      'kubernetes://monitoring/vmselect-main:8481/select/0/prometheus',
    ]);
    await sim.run(cluster.close());
  });

  it('that does not answer comes last, with the reason', async () => {
    const sim = await servingMesh();
    sim.prometheus.faults.down = true;
    const { cluster } = await sim.run(simRun(sim));
    const [found] = await sim.run(findPrometheus(cluster, () => sim.metrics));
    expect(found).toMatchObject({ series: undefined, why: expect.stringMatching(/\S/) });
    await sim.run(cluster.close());
  });
});
