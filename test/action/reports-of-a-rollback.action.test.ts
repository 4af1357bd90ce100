import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { act, mesh } from './acting.ts';

it('a rollback after a bad release appears in notifications, the job summary and the metrics file', async () => {
  const notes: { event: string; text: string; verdict?: string; outcome?: string }[] = [];
  const server = createServer((request, response) => {
    void json(request).then((note) => {
      notes.push(note as (typeof notes)[number]);
      response.end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/of-this-channel`;
  const acting = await mesh();
  acting.served.sim.traffic.setErrorRatio({ revision: '1-31-0', isGateway: false, ratio: 0.2 });
  const ran = await act(acting, { with: { command: 'upgrade', 'notify-url': url, metrics: 'istio.prom' } });
  expect(ran.outputs, ran.log).toMatchObject({ outcome: 'rolled-back' });
  expect(notes.map(({ event }) => event)).toEqual(['run-started', 'verdict', 'problem', 'run-started', 'run-ended']);
  expect(notes[1]).toMatchObject({ wave: 'canary', verdict: 'fail' });
  expect(notes.at(-1)).toMatchObject({ outcome: 'rolled-back' });
  expect(ran.log).not.toContain('of-this-channel');
  expect(ran.summary).toContain('    bake fail :crit, ');
  expect(ran.summary).toMatch(/\*\*Pods in the mesh:\*\* \d+ on 1-31-0, \d+ on 1-30-4/);
  const metrics = readFileSync(join(acting.workspace, 'istio.prom'), 'utf8');
  expect(metrics).toMatch(/^istio_canary_upgrade_run_outcome\{outcome="rolled-back",.*\} 1$/m);
  expect(metrics).toMatch(/^istio_canary_upgrade_wave_duration_seconds\{wave="canary",phase="bake",.*\} [\d.]+$/m);
});
