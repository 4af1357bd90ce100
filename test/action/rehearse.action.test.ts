import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Prediction } from '../../harness/rehearsal/inventory/predict.ts';
import { act, surroundings } from './acting.ts';
import { exampleInventory } from './inventories.ts';

const predictionOf = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Prediction;

it('a rehearsal needs only an inventory: no cluster, kubeconfig or istioctl', async () => {
  const acting = surroundings();
  writeFileSync(join(acting.workspace, 'inventory.json'), JSON.stringify(exampleInventory()));
  const ran = await act(acting, { with: { command: 'rehearse', inventory: 'inventory.json' } });
  expect(ran, ran.log).toMatchObject({ conclusion: 'success' });
  expect(ran.outputs).toMatchObject({ outcome: 'completed', stage: 'remove-old-revision', revision: '1-31-0' });
  expect(ran.log).toContain('rehearse needs no istioctl.');
  expect(ran.summary).toContain('## ✔ rehearse, Istio 1.30.4 → 1.31.0: completed');
  expect(predictionOf(ran.outputs['report'] ?? '').waves.map(({ name }) => name)).toEqual(['canary', 'rest']);
});

it('a rehearsal that holds fails the job, and a warning names the workload that blocks it', async () => {
  const acting = surroundings();
  const inventory = exampleInventory();
  const workloads = inventory.workloads.map((each) =>
    each.kind === 'StatefulSet' ? { ...each, strategy: { type: 'OnDelete' } } : each,
  );
  writeFileSync(join(acting.workspace, 'inventory.json'), JSON.stringify({ ...inventory, workloads }));
  const ran = await act(acting, { with: { command: 'rehearse', inventory: 'inventory.json' } });
  expect(ran.conclusion, ran.log).toBe('failure');
  expect(ran.outputs).toMatchObject({ outcome: 'held' });
  expect(ran.summary).toContain('No cluster was changed.');
  expect(ran.annotations).toContainEqual(
    expect.objectContaining({ level: 'warning', message: expect.stringContaining('StatefulSet baz/db') }),
  );
  expect(ran.log).toContain('The run ended by itself: held.');
});

it('a file that is not an inventory is refused with INVENTORY_UNUSABLE', async () => {
  const acting = surroundings();
  writeFileSync(join(acting.workspace, 'inventory.json'), '{"schema": 1}');
  const ran = await act(acting, { with: { command: 'rehearse', inventory: 'inventory.json' } });
  expect(ran.outputs, ran.log).toMatchObject({ outcome: 'usage' });
  expect(ran.annotations).toContainEqual(expect.objectContaining({ title: 'INVENTORY_UNUSABLE' }));
});
