import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import { serveSim } from '../../harness/rehearsal/sim/serve/serve-sim.ts';
import { runCli } from '../../src/cli/program.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { takeInventory } from '../../src/inventory/take-inventory.ts';
import { defaultGate } from '../../src/proposal/decide.ts';
import { servingMesh } from '../engine/engine-fixtures.ts';

const seed = 41;

/** A served mesh, and the command line beside it. */
async function shell() {
  const sim = await servingMesh({ seed });
  const { cluster } = await sim.run(simRun(sim));
  const gate = { metrics: sim.metrics, settings: defaultGate() };
  const inventory = await sim.run(takeInventory({ cluster, istioNamespace: 'istio-system', tag: 'default', gate }));
  await sim.run(cluster.close());
  const folder = mkdtempSync(join(tmpdir(), 'init-'));
  const served = await serveSim(sim, { folder, speed: 1 });
  onTestFinished(async () => {
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'upgrade.yaml');
  /** @param answers what a person types at a terminal, a line for each question; left out: there is no terminal */
  const cli = async (args: readonly string[], answers?: string[]) => {
    const printed = { stdout: '', stderr: '' };
    const stdin = Object.assign(new PassThrough(), { isTTY: answers !== undefined });
    const stream = (to: keyof typeof printed) => ({
      isTTY: answers !== undefined,
      write: (text: string) => {
        printed[to] += text;
        if (to === 'stderr' && /\] $/.test(text)) setImmediate(() => stdin.write(`${answers?.shift() ?? ''}\n`));
      },
    });
    const host = {
      stdin,
      stdout: stream('stdout'),
      stderr: Object.assign(new PassThrough(), stream('stderr')),
      argv: ['node', 'main', ...args, '--istioctl', served.istioctl],
      env: { PATH: process.env['PATH'], KUBECONFIG: served.kubeconfig },
      on: () => undefined,
      off: () => undefined,
    };
    const exitCode = await runCli(host as unknown as NodeJS.Process);
    return { exitCode, ...printed };
  };
  return { cli, file, folder, inventory, served };
}

const configIn = (file: string) => loadConfig(readFileSync(file, 'utf8'), file);

describe(`init (seed ${seed})`, () => {
  it('writes the config that its mesh needs, and names the next command', async () => {
    const { cli, file } = await shell();
    const { exitCode, stdout, stderr } = await cli(['init', '--out', file]);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(
      /upgrade\.yaml: Istio 1\.30\.4 -> 1\.31\.0, tag default, canary \w+, bake 10m, Prometheus kubernetes:/,
    );
    expect(stdout).toMatch(/^next: istio-canary-upgrade check --config \S+upgrade\.yaml$/m);
    expect(configIn(file)).toMatchObject({
      mesh: { cluster: 'sim' },
      gateways: ['istio-ingress/istio-ingressgateway'],
    });
  });

  it('asks on a terminal, again where an answer cannot be used, and takes the proposal for an empty one', async () => {
    const { cli, file } = await shell();
    const { exitCode, stderr } = await cli(['init', '--out', file], ['', 'newest', '1.30.5', 'nowhere', 'baz', '20m']);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('"newest" is not a full version such as 1.31.0.');
    expect(stderr).toContain('"nowhere" names nowhere, where nothing follows the tag.');
    expect(configIn(file)).toMatchObject({
      target: { version: '1.30.5' },
      waves: [{ namespaces: ['baz'] }, { namespaces: '*' }],
      gate: { bakeMs: 20 * 60_000 },
    });
  });

  it.for([
    { how: 'without a terminal', args: [], answers: undefined },
    { how: 'with --yes', args: ['--yes'], answers: [] },
    { how: 'when a person does not say yes', args: [], answers: ['n'] },
  ])('replaces no file $how', async ({ args, answers }) => {
    const { cli, file } = await shell();
    writeFileSync(file, 'mine\n');
    const { exitCode, stderr } = await cli(['init', '--out', file, ...args], answers);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('✘ CONFIG_EXISTS: ');
    expect(readFileSync(file, 'utf8')).toBe('mine\n');
  });

  it('keeps namespaces from the canary whose labels a person calls critical', async () => {
    const { cli, file } = await shell();
    const critical = 'kubernetes.io/metadata.name in (foo, bar)';
    const { exitCode, stderr } = await cli(['init', '--out', file, '--critical', critical]);
    expect(exitCode, stderr).toBe(0);
    expect(configIn(file).waves[0]?.namespaces).toEqual(['baz']);
  });

  it('works from an inventory alone, without a cluster', async () => {
    const { cli, file, folder, inventory, served } = await shell();
    const written = join(folder, 'inventory.json');
    writeFileSync(written, JSON.stringify(inventory));
    const before = served.requests();
    const { exitCode, stdout, stderr } = await cli(['init', '--out', file, '--inventory', written]);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain('! gate.prometheus');
    expect(configIn(file).target.version).toBe('1.31.0');
    expect(served.requests()).toBe(before);
    writeFileSync(written, JSON.stringify({ ...inventory, namesHashed: true }));
    expect((await cli(['init', '--out', join(folder, 'b.yaml'), '--inventory', written])).stderr).toContain(
      '✘ INVENTORY_UNUSABLE: ',
    );
  });
});

describe(`check without a config (seed ${seed})`, () => {
  it('says whether the mesh is ready by the config that init would write, and writes none', async () => {
    const { cli } = await shell();
    const { exitCode, stdout, stderr } = await cli(['check']);
    expect(exitCode, stderr + stdout).toBe(0);
    const [first, second] = stdout.split('\n');
    expect(first).toMatch(
      /^Without a config: checked with the one that `istio-canary-upgrade init .*` writes: Istio 1\.30\.4 -> 1\.31\.0/,
    );
    expect(second).toMatch(/^✔ 1\.30\.4 -> 1\.31\.0 can begin/);
  });
});
