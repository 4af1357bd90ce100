import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { simRun } from '../../../harness/rehearsal/backends/sim-run.ts';
import { InventoryUnfit } from '../../../harness/rehearsal/inventory/origin.ts';
import type { Prediction } from '../../../harness/rehearsal/inventory/predict.ts';
import { rehearseInventory } from '../../../harness/rehearsal/inventory/rehearse-inventory.ts';
import { findScenario } from '../../../harness/rehearsal/scenarios/shipped-scenarios.ts';
import { createSim, type SimOptions } from '../../../harness/rehearsal/sim/create-sim.ts';
import { hashNames } from '../../../src/inventory/hash-names.ts';
import type { Inventory } from '../../../src/inventory/inventory-schema.ts';
import { takeInventory } from '../../../src/inventory/take-inventory.ts';

const folder = mkdtempSync(join(tmpdir(), 'inventory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function inventoryOf(options: SimOptions = {}): Promise<Inventory> {
  const sim = await createSim(options);
  await sim.advance(10 * 60_000);
  const { cluster } = await sim.run(simRun(sim));
  const gate = {
    metrics: sim.metrics,
    settings: { intervalMs: 15_000, labels: { namespace: 'namespace', pod: 'pod' }, match: '' },
  };
  const inventory = await sim.run(takeInventory({ cluster, istioNamespace: 'istio-system', tag: 'default', gate }));
  await sim.run(cluster.close());
  return inventory;
}

let files = 0;
async function rehearsed(
  inventory: Inventory,
  { scenario, config }: { scenario?: string; config?: string } = {},
): Promise<{ prediction: Prediction; failed: readonly string[]; text: string }> {
  files += 1;
  const file = join(folder, `${files}.json`);
  writeFileSync(file, JSON.stringify(inventory));
  const configFile = config === undefined ? undefined : join(folder, `${files}.yaml`);
  if (configFile !== undefined) writeFileSync(configFile, config ?? '');
  let text = '';
  const { prediction, failed } = await rehearseInventory({
    inventory: file,
    config: configFile,
    scenario: scenario === undefined ? undefined : findScenario(scenario),
    seed: 42,
    reportFolder: folder,
    tell: (more) => {
      text += more;
    },
  });
  return { prediction, failed: failed.map(({ claim }) => claim), text };
}

const config = `target: { version: 1.31.0 }
waves: [{ name: canary, namespaces: [bar] }, { name: rest, namespaces: "*" }]
gate: { prometheus: "http://prometheus.example:9090", bake: 2m, checks: [{ name: own, query: "sum(shop_errors)", max: 1 }] }
soak: 30s
`;

describe('a rehearsal of an inventory', () => {
  it('follows the plan of the config and says order, times and end', async () => {
    const { prediction, failed, text } = await rehearsed(await inventoryOf(), { config });
    expect(failed, text).toEqual([]);
    expect(prediction).toMatchObject({
      outcome: 'completed',
      waves: [
        { name: 'canary', namespaces: ['bar'], verdict: 'pass' },
        { name: 'rest', namespaces: ['baz', 'foo'], verdict: 'pass' },
      ],
      end: { podsByRevision: { '1-31-0': 13 }, controlPlanes: ['1-31-0'] },
      stuck: [],
    });
    expect(prediction.waves[0]?.bakeMs).toBeGreaterThanOrEqual(120_000);
    expect(prediction.assumptions).toContain('the 1 checks of your own are left out');
    const report = JSON.parse(readFileSync(join(folder, 'rehearsal-report-inventory-good.json'), 'utf8')) as Prediction;
    expect(report.waves).toEqual(prediction.waves);
    expect(readFileSync(join(folder, 'rehearsal-report-inventory-good.html'), 'utf8')).toContain('canary');
  });

  it('takes as long for a wave as its pods took to get ready', async () => {
    const inventory = await inventoryOf();
    const slow = { ...inventory, workloads: inventory.workloads.map((each) => ({ ...each, readySeconds: 60 })) };
    const [quick, late] = [await rehearsed(inventory, { config }), await rehearsed(slow, { config })];
    // Two pods of a Deployment, one after the other.
    const difference = (late.prediction.waves[0]?.restartMs ?? 0) - (quick.prediction.waves[0]?.restartMs ?? 0);
    expect(difference).toBeGreaterThan(100_000);
    expect(difference).toBeLessThan(150_000);
  });

  it('makes a plan of its own without a config, also for hashed names', async () => {
    const { prediction, text } = await rehearsed(hashNames(await inventoryOf(), 'salt'));
    expect(prediction.outcome, text).toBe('completed');
    expect(prediction.waves.map(({ name }) => name)).toEqual(['canary', 'rest']);
    expect(text).not.toContain('ingressgateway');
  });

  it('rolls a bad release back', async () => {
    const { prediction, failed, text } = await rehearsed(await inventoryOf(), { config, scenario: 'bad-release' });
    expect(prediction.outcome, text).toBe('rolled-back');
    expect(prediction.end.podsByRevision).toEqual({ '1-30-4': 13 });
    expect(failed).toEqual([]);
  });

  it('names what would be stuck, and that the old istiod would stay for it', async () => {
    const spec = { updateStrategy: { type: 'OnDelete' } };
    const more = [
      { name: 'shop', labels: { 'istio.io/rev': 'default' }, workloads: [{ kind: 'StatefulSet', name: 'db', spec }] },
    ] as const;
    const { prediction, failed } = await rehearsed(await inventoryOf({ more }), { config });
    expect(prediction).toMatchObject({ outcome: 'held', message: expect.stringContaining('still in use') });
    expect(prediction.stuck).toMatchObject([{ what: 'StatefulSet shop/db', waived: false }]);
    expect(failed).toContain('nothing keeps its old proxy');
  });

  it('says which wave has too little traffic, and where there is no room', async () => {
    const inventory = await inventoryOf();
    const poor: Inventory = {
      ...inventory,
      nodes: inventory.nodes && { ...inventory.nodes, free: { cpu: 0.01, memory: 2 ** 20 } },
      workloads: inventory.workloads.map((each) =>
        each.namespace === 'bar' ? { ...each, traffic: { rps: 0.02, errorRatio: 0 } } : each,
      ),
    };
    const { prediction, failed } = await rehearsed(poor, { config });
    expect(prediction.sight[0]).toEqual({ wave: 'canary', requests: 2, enough: false, silent: [] });
    expect(prediction.outcome).toBe('held');
    expect(prediction.waves[0]?.verdict).toBe('inconclusive');
    expect(failed).toEqual(
      expect.arrayContaining([
        'the nodes have room for the surge',
        'every wave serves enough requests for a verdict within one bake',
      ]),
    );
    expect(prediction.findings.map(({ code }) => code)).toContain('SURGE_WITHOUT_ROOM');
  });

  it('refuses an inventory without the tag, and a scenario that breaks more than the release', async () => {
    const inventory = await inventoryOf();
    await expect(rehearsed({ ...inventory, tags: [] })).rejects.toThrow(InventoryUnfit);
    await expect(rehearsed(inventory, { scenario: 'prometheus-down' })).rejects.toThrow(/more than the release/);
  });
});
