import { describe, expect, it } from 'vitest';
import { createProcessRunner } from '../../../src/istioctl/process-runner.ts';
import { serving } from './serve-fixtures.ts';

const env = { PATH: process.env['PATH'] };
const runnerOf = (binary: string) => createProcessRunner({ binary, env });
const options = { timeoutMs: 120_000 };

describe('istioctl of a served simulator', () => {
  it.for([{ version: '1.31.0' }, { version: '1.30.4' }])('is of release $version', async ({ version }) => {
    const served = await serving({ speed: 100 });
    const { exitCode, stdout } = await runnerOf(served.istioctlOf(version)).run(
      ['version', '--remote=false', '-o', 'json'],
      options,
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ clientVersion: { version } });
  });

  it('prints what the simulated one prints, on the same streams', async () => {
    const served = await serving({ speed: 1_000 });
    const args = ['install', '-y', '--set', 'profile=minimal', '--revision', '1-31-0'];
    const installed = await runnerOf(served.istioctl).run(args, options);
    expect(installed).toMatchObject({ exitCode: 0, stdout: '', timedOut: false });
    expect(installed.stderr).toContain('✔ Istiod installed 🧠');
    expect(served.sim.pods('istio-system').map(({ metadata }) => metadata.labels?.['istio.io/rev'])).toContain(
      '1-31-0',
    );
  });

  it('passes every argument unchanged', async () => {
    const served = await serving({ speed: 100 });
    const seen: (readonly string[])[] = [];
    served.sim.interceptIstioctl = (args) => {
      seen.push(args);
      return 'fail-before';
    };
    const args = ['', ' two  words ', 'a\nb', `"'$(id)\\n%s`, '--set', 'ü=✔', '*'];
    expect(await runnerOf(served.istioctl).run(args, options)).toMatchObject({ exitCode: 137 });
    expect(seen).toEqual([args]);
  });

  it('fails with words of its own when the command is unknown to the simulator', async () => {
    const served = await serving({ speed: 100 });
    const { exitCode, stderr } = await runnerOf(served.istioctl).run(['bug-report'], options);
    expect({ exitCode, stderr }).toEqual({ exitCode: 64, stderr: 'Error: not simulated: istioctl bug-report' });
  });

  it('dies of a signal while it hangs, its work done', async () => {
    const served = await serving({ speed: 1_000 });
    served.sim.interceptIstioctl = () => 'hang-after';
    const args = ['tag', 'set', 'prod', '--revision', '1-30-4'];
    expect(await runnerOf(served.istioctl).run(args, { timeoutMs: 4_000 })).toMatchObject({ timedOut: true });
    expect(served.sim.snapshot('istio-system').has('Service/istiod-revision-tag-prod')).toBe(true);
  });

  it('fails with a message when the simulator is gone', async () => {
    const served = await serving();
    await served.close();
    const { exitCode, stderr } = await runnerOf(served.istioctl).run(['version'], options);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: 'Error: the served simulator is not there' });
  });
});
