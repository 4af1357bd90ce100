import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { runMarker } from '../../src/action/environment.ts';
import { endOrphans } from '../../src/action/orphans.ts';

/** A process that says when it is ready, and then outlives everybody. */
async function lingering(script: string, env: Record<string, string>) {
  const child = spawn('bash', ['-c', `${script}; echo ready; exec sleep 60`], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return { child, ended: once(child, 'exit') };
}

describe.runIf(process.platform === 'linux')('what a killed run leaves behind', () => {
  it.for([
    { what: 'that ends when it is asked', script: ':', by: 'SIGTERM' },
    { what: 'that does not listen', script: 'trap "" TERM', by: 'SIGKILL' },
  ])('is ended, also a process $what', async ({ script, by }) => {
    const { child, ended } = await lingering(script, { [runMarker]: 'run-of-this-test' });
    // By the name of `bash` or, a moment later, of `sleep`.
    const named = expect.stringContaining(`(pid ${child.pid})`);
    expect(await endOrphans('run-of-this-test')).toContainEqual(named);
    expect(await ended).toEqual([null, by]);
  });

  it('is told from what other runs have started', async () => {
    const { child, ended } = await lingering(':', { [runMarker]: 'another-run' });
    expect(await endOrphans('run-of-this-test')).toEqual([]);
    expect(await endOrphans('')).toEqual([]);
    expect(child.exitCode).toBeNull();
    child.kill('SIGKILL');
    await ended;
  });
});
