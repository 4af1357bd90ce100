import type { ChildProcess } from 'node:child_process';
import { describe, it, onTestFinished } from 'vitest';
import { startSeedLab } from '../lab/seed-lab.ts';
import { clusterTerminal, newcomer, stepsOf } from './newcomer.ts';
import type { Start } from './terminal.ts';
import { walk } from './walk.ts';

describe('the commands of this page that grant rights, run in order on a cluster, print what it shows', () => {
  it('docs/first-upgrade.md', async () => {
    const lab = await startSeedLab();
    onTestFinished(async () => await lab.stop());
    // The lab sets PATH and KUBECONFIG, as a person at its cluster has them.
    const start: Start = (file, args, { cwd, env, stdio, detached }) => {
      const { PATH: _, ...own } = env ?? {};
      const options = { cwd: String(cwd), env: own, stdio, detached, reject: false, buffer: false };
      return lab.exec(file, args, options as Parameters<typeof lab.exec>[2]) as unknown as ChildProcess;
    };
    const { folder, env } = await newcomer();
    await walk(
      stepsOf('docs/first-upgrade.md').filter((step) => step.kind !== 'write' && step.terminal === clusterTerminal),
      {
        folder,
        env,
        start,
        instead: {
          'alias istio-canary-upgrade="node $PWD/dist/main.cjs"': `alias istio-canary-upgrade="${process.execPath} $PWD/dist/main.cjs"`,
        },
      },
    );
  });
});
