import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { servedConfig } from '../../../harness/rehearsal/sim/serve/served-config.ts';
import type { RunReport } from '../../../src/report/run-report.ts';
import { type Serving, serving } from './serve-fixtures.ts';

const main = join(import.meta.dirname, '../../../src/main.ts');

/** A mesh that Prometheus has watched for a while, and short times. */
async function servingMesh(): Promise<Serving> {
  const served = await serving({ speed: 20, servedBeforeMs: 10 * 60_000 });
  writeFileSync(join(served.folder, 'istio-upgrade.yaml'), servedConfig(served.istioctl));
  return served;
}

interface Ran {
  /** `undefined` when it was killed. */
  exitCode: number | undefined;
  log: string;
  out: string;
}

/** Runs the product as its own process; SIGKILL at the first moment at which its log matches. */
async function run(served: Serving, args: readonly string[], { killAt }: { killAt?: RegExp } = {}): Promise<Ran> {
  const config = join(served.folder, 'istio-upgrade.yaml');
  const child = execa(process.execPath, [main, ...args, '--config', config, '--kubeconfig', served.kubeconfig], {
    env: { NODE_OPTIONS: served.nodeOptions },
    reject: false,
    timeout: 50_000,
  });
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += String(chunk);
    if (killAt?.test(log)) child.kill('SIGKILL');
  });
  const { exitCode, stdout } = await child;
  return { exitCode, log, out: stdout };
}

const report = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as RunReport;
const revisions = ({ sim }: Serving) =>
  new Set(['foo', 'bar', 'baz', 'istio-ingress'].flatMap((namespace) => sim.pods(namespace).map(revisionOf)));
const revisionOf = ({ metadata }: { metadata: { annotations?: Record<string, string> } }) =>
  (JSON.parse(metadata.annotations?.['sidecar.istio.io/status'] ?? '{}') as { revision?: string }).revision;

describe('the product as its own process, on a served simulator', () => {
  it('checks, and upgrades through all eight stages', async () => {
    const served = await servingMesh();
    expect(await run(served, ['check'])).toMatchObject({ exitCode: 0 });
    const file = join(served.folder, 'report.json');
    const { exitCode, log } = await run(served, ['upgrade', '--report', file]);
    expect({ exitCode, log }).toMatchObject({ exitCode: 0 });
    expect(report(file).outcome?.kind).toBe('completed');
    expect([...log.matchAll(/✔ (\d) /g)].map(([, stage]) => Number(stage))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(revisions(served)).toEqual(new Set(['1-31-0']));
  });

  it('says so when there is nothing to finalize', async () => {
    const served = await servingMesh();
    expect(await run(served, ['finalize'])).toMatchObject({ exitCode: 0, out: 'No upgrade is under way.' });
  });

  it('rolls a bad release back', async () => {
    const served = await servingMesh();
    served.sim.traffic.setErrorRatio({ revision: '1-31-0', ratio: 0.2 });
    const file = join(served.folder, 'report.json');
    const { exitCode, log } = await run(served, ['upgrade', '--report', file]);
    expect({ exitCode, log }).toMatchObject({ exitCode: 5 });
    expect(report(file).outcome?.kind).toBe('rolled-back');
    expect(revisions(served)).toEqual(new Set(['1-30-4']));
  });

  it('reports the stage of a killed run, and continues from there', async () => {
    const served = await servingMesh();
    expect(await run(served, ['upgrade'], { killAt: /✔ 5 / })).toMatchObject({ exitCode: undefined });
    const status = await run(served, ['status']);
    expect(status.exitCode).toBe(0);
    expect(status.out).toContain('1-31-0');
    expect(await run(served, ['upgrade'])).toMatchObject({ exitCode: 0 });
    expect(revisions(served)).toEqual(new Set(['1-31-0']));
  });
});
