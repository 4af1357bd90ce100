import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, startLab } from '../../../harness/proof/lab/lab.ts';
import { installSeedMesh } from '../../../harness/proof/lab/mesh.ts';
import type { Reach } from '../../../harness/proof/lab/reach.ts';
import { SEED_PROXIES } from '../../../harness/proof/lab/seed-mesh-objects.ts';
import { waitUntil } from '../../../harness/proof/lab/wait-until.ts';

interface Sample {
  metric: Record<string, string>;
  value: [number, string];
}

/** Processes of a network namespace, as `/proc` tells them. */
function processesIn(network: string): number[] {
  const isInside = (pid: string) => {
    try {
      return readlinkSync(`/proc/${pid}/ns/net`) === network;
    } catch {
      // It ended while we looked.
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isInside(name))
    .map(Number);
}

describe('a lab with the seed mesh', () => {
  let lab: Lab;
  let reach: Reach;
  beforeAll(async () => {
    lab = await startLab({ tell: (line) => console.error(line) });
    await installSeedMesh(lab, { tell: (line) => console.error(line) });
    reach = await lab.reach();
  });
  afterAll(async () => {
    reach?.close();
    await lab?.stop();
  });

  async function query(promql: string): Promise<Sample[]> {
    const answer = await fetch(`${reach.prometheusUrl}/api/v1/query?query=${encodeURIComponent(promql)}`);
    return ((await answer.json()) as { data: { result: Sample[] } }).data.result;
  }
  const eventually = <T>(what: string, probe: () => Promise<T | false>) =>
    waitUntil(what, probe, { deadlineMs: 45_000, everyMs: 500 });

  it('answers kubectl, inside its network and through the reach from outside', async () => {
    const inside = await lab.exec('kubectl', ['get', 'nodes', '--output', 'name']);
    expect(String(inside.stdout).split('\n')).toEqual(['node/node-1', 'node/node-2', 'node/node-3']);
    const outside = await execa(lab.binaries.kubectl, ['get', 'nodes', '--output', 'name'], {
      env: { KUBECONFIG: reach.kubeconfig },
      timeout: 20_000,
    });
    expect(outside.stdout).toBe(inside.stdout);
  });

  it('has every proxy connected to a real istiod, which counts them', async () => {
    const samples = await eventually('13 proxies in pilot_xds', async () => {
      const found = await query('pilot_xds{version="1.30.4"}');
      return Number(found[0]?.value[1]) === SEED_PROXIES && found;
    });
    expect(samples[0]?.metric).toMatchObject({ app: 'istiod', istio_io_rev: '1-30-4', namespace: 'istio-system' });
    const { stdout } = await lab.exec('istioctl-1.30.4', ['proxy-status', '--revision', '1-30-4']);
    expect(String(stdout).match(/istiod-1-30-4-/g)).toHaveLength(SEED_PROXIES);
  });

  it('exports requests of every injected pod and of no other', async () => {
    const pods = await eventually('requests of 13 pods', async () => {
      const found = await query('count by (namespace, pod) (istio_requests_total)');
      return found.length === SEED_PROXIES && found;
    });
    const namespaces = new Set(pods.map(({ metric }) => metric['namespace']));
    expect([...namespaces].sort()).toEqual(['bar', 'baz', 'foo', 'istio-ingress']);
  });

  it('breaks one namespace when told, and only that one', async () => {
    await lab.traffic.setErrors({ namespace: 'foo', errorRatio: 0.2 });
    const of = 'reporter="destination",destination_workload_namespace';
    const ratio = (namespace: string) =>
      `sum(rate(istio_requests_total{${of}="${namespace}",response_code="503"}[6s])) / sum(rate(istio_requests_total{${of}="${namespace}"}[6s]))`;
    const broken = await eventually('errors in foo', async () => {
      const [sample] = await query(ratio('foo'));
      return Number(sample?.value[1]) > 0.15 && Number(sample?.value[1]);
    });
    expect(broken).toBeLessThan(0.25);
    expect(Number((await query(ratio('bar')))[0]?.value[1] ?? 0)).toBeLessThan(0.02);
    await lab.traffic.setErrors({ namespace: 'foo', errorRatio: null });
  });

  it('lets istiod count rejected pushes when told', async () => {
    await lab.traffic.setNack({ revision: '1-30-4', on: true });
    await eventually('rejects', async () => {
      const rejects = await query('sum(pilot_total_xds_rejects)');
      return Number(rejects[0]?.value[1]) >= SEED_PROXIES;
    });
    await lab.traffic.setNack({ revision: '1-30-4', on: false });
  });

  it('lets callers of a frozen process hang until it goes on', async () => {
    const ask = () => fetch(`${reach.prometheusUrl}/-/ready`, { signal: AbortSignal.timeout(1_000) });
    await lab.freezeProcess('prometheus', true);
    await expect(ask()).rejects.toThrow('timeout');
    await lab.freezeProcess('prometheus', false);
    expect((await ask()).status).toBe(200);
    await expect(lab.freezeProcess('grafana', true)).rejects.toThrow('no process grafana');
  });

  it('starts a killed istiod again', async () => {
    expect(await lab.kubelet.signalIstiod('1-30-4', 'SIGKILL')).toHaveLength(1);
    await eventually('a restart', async () => {
      const path = '{.items[0].status.containerStatuses[0].restartCount}/{.items[0].status.containerStatuses[0].ready}';
      const { stdout } = await lab.exec('kubectl', ['-n', 'istio-system', 'get', 'pods', '-o', `jsonpath=${path}`]);
      return stdout === '1/true';
    });
  });
});

describe('a lab whose processes are killed (SIGKILL)', () => {
  it.for(['harness', 'holder of the namespaces', 'supervisor'] as const)(
    'leaves no process and no network when it is the %s',
    async (victim) => {
      const harness = spawn(process.execPath, [join(import.meta.dirname, 'hold-lab.ts')], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const lines = createInterface({ input: harness.stdout });
      const [line] = await Promise.race([
        new Promise<[string]>((resolve) => lines.once('line', (text) => resolve([text]))),
        new Promise<never>((_, reject) => harness.once('exit', (code) => reject(new Error(`exit code ${code}`)))),
      ]);
      const { stateDir, namespace } = JSON.parse(line) as { stateDir: string; namespace: string };
      const network = readlinkSync(namespace);
      const holder = Number(namespace.split('/')[2]);
      const [supervisor = 0] = readFileSync(`/proc/${holder}/task/${holder}/children`, 'utf8')
        .trim()
        .split(' ')
        .map(Number);
      expect(processesIn(network).length).toBeGreaterThan(7);

      const pid = { harness: harness.pid ?? 0, 'holder of the namespaces': holder, supervisor }[victim];
      process.kill(pid, 'SIGKILL');

      const options = { deadlineMs: 20_000, everyMs: 100 };
      await waitUntil('the end of every process', () => processesIn(network).length === 0, options);
      // No process was left to remove the files of the others; the next start or `down` does.
      if (victim === 'harness') await waitUntil('the end of its files', () => !existsSync(stateDir), options);
      harness.kill('SIGKILL');
    },
  );
});
