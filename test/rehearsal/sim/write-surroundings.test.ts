import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import type { ServedSim } from '../../../harness/rehearsal/sim/serve/serve-sim.ts';
import { writeSurroundings } from '../../../harness/rehearsal/sim/serve/write-surroundings.ts';

it('a shell that loads the surroundings of a served mesh finds the Node that serves it first, whatever the machine has', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'surroundings '));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const served = { kubeconfig: '/k', istioctl: join(folder, 'istioctl'), nodeOptions: '--no-warnings' } as ServedSim;
  const { env } = writeSurroundings(served, { folder, speed: 20 });
  const asked = ['-c', '. "$0"; command -v node; echo "$NODE_OPTIONS"', env];
  const { stdout } = await execa('sh', asked, { env: { PATH: '/usr/bin:/bin' }, extendEnv: false });
  expect(stdout.split('\n')).toEqual([process.execPath, '--no-warnings']);
});
