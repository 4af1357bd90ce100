import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { serveSim } from '../../harness/rehearsal/sim/serve/serve-sim.ts';
import { runCli } from '../../src/cli/program.ts';
import { configOf, goUpgrade, New, Old, servingMesh, tagIn } from '../engine/engine-fixtures.ts';

const seed = 27;

/** A served mesh whose upgrade ended right after it had moved the tag, and the command line beside it. */
async function shell() {
  const sim = await servingMesh({ seed });
  await goUpgrade(sim, {
    config: configOf(),
    disturb: { how: 'interrupt', at: (event) => event.kind === 'stage-done' && event.step === 'move-tag' },
  });
  const folder = mkdtempSync(join(tmpdir(), 'named-cluster-'));
  const served = await serveSim(sim, { folder, speed: 1 });
  onTestFinished(async () => {
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  /** @param answer what a person types at a terminal; left out: there is no terminal */
  const cli = async (args: readonly string[], answer?: string) => {
    const printed = { stdout: '', stderr: '' };
    const stream = (to: keyof typeof printed) => ({
      isTTY: answer !== undefined,
      write: (text: string) => {
        printed[to] += text;
      },
    });
    const stdin = Object.assign(new PassThrough(), { isTTY: answer !== undefined });
    stdin.end(answer);
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
  return { sim, cli, write, folder };
}

const tagOf = (sim: Sim) => tagIn(sim)['webhook'];
const config = (cluster: string) => `mesh: { cluster: ${cluster} }
target: { version: 1.31.0 }
waves: [{ name: canary, namespaces: [bar] }, { name: rest, namespaces: "*" }]
gate: { prometheus: "kubernetes://monitoring/prometheus:9090" }
`;

describe(`the cluster of a command (seed ${seed})`, () => {
  it('is in the first line that it prints, in its JSON, and in the report and its title', async () => {
    const { cli, folder } = await shell();
    const named = /^Cluster: sim \(http:\/\/127\.0\.0\.1:\d+, user upgrader\)$/;
    const text = await cli(['status']);
    expect(text.stderr.split('\n')[0]).toMatch(named);
    const json = await cli(['status', '--output', 'json']);
    expect(JSON.parse(json.stdout).cluster).toMatchObject({ context: 'sim', user: 'upgrader' });
    const page = join(folder, 'report.html');
    const back = await cli(['rollback', '--report', page]);
    expect(back.stderr.split('\n')[0]).toMatch(named);
    expect(readFileSync(page, 'utf8')).toMatch(/<title>Istio canary upgrade of sim<\/title>[\s\S]*user upgrader/);
  });

  it.for([
    { how: 'a good config', more: '' },
    { how: 'a config that has a mistake elsewhere', more: 'soak: 5\n' },
  ])('is refused by rollback when $how is for another one', async ({ more }) => {
    const { sim, cli, write } = await shell();
    const file = write('config.yaml', config('production') + more);
    const { exitCode, stderr } = await cli(['rollback', '--config', file]);
    expect(stderr).toContain('CLUSTER_NOT_MEANT');
    expect(exitCode).toBe(2);
    expect(tagOf(sim)).toBe(New);
  });

  it.for(['check', 'plan', 'upgrade'])('is refused by %s when the config is for another one', async (verb) => {
    const { cli, write } = await shell();
    const { exitCode, stderr } = await cli([verb, '--config', write('config.yaml', config('production'))]);
    expect(stderr).toContain('CLUSTER_NOT_MEANT');
    expect(exitCode).toBe(2);
  });
});

describe(`the question before the first write (seed ${seed})`, () => {
  it('names command, tag and cluster, and after any answer but yes nothing is written', async () => {
    const { sim, cli } = await shell();
    const { exitCode, stderr } = await cli(['rollback'], 'n\n');
    expect(stderr).toMatch(/rollback: tag default in cluster sim \(http:\S+, user upgrader\)\. Go on\? \[y\/N\]/);
    expect(stderr).toContain('NOT_CONFIRMED');
    expect(exitCode).toBe(2);
    expect(tagOf(sim)).toBe(New);
  });

  it.for([
    { when: 'the answer is yes', args: [], answer: 'y\n', asks: true },
    { when: 'it is not asked, by --yes', args: ['--yes'], answer: '', asks: false },
    { when: 'there is no terminal', args: [], answer: undefined, asks: false },
  ])('lets rollback go on when $when', async ({ args, answer, asks }) => {
    const { sim, cli } = await shell();
    const { exitCode, stderr } = await cli(['rollback', ...args], answer);
    expect(stderr.includes('Go on?')).toBe(asks);
    expect(exitCode).toBe(0);
    expect(tagOf(sim)).toBe(Old);
  });

  it('is not answered by the end of the input', async () => {
    const { sim, cli } = await shell();
    expect((await cli(['rollback'], '')).exitCode).toBe(2);
    expect(tagOf(sim)).toBe(New);
  });
});
