import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { runMarker } from '../../src/action/environment.ts';
import { endOrphans } from '../../src/action/orphans.ts';

/** A process that prints when it is ready, and then waits for input. It replaces itself by no other program: while it does, it has no environment to be found by. */
async function lingering(script: string, env: Record<string, string>) {
  const child = spawn('bash', ['-c', `${script}; echo ready; read -r`], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return { child, ended: once(child, 'exit') };
}

/** Another run of these tests on the same machine must not find this one's processes. */
const ownRun = randomUUID();

describe.runIf(process.platform === 'linux')('what a killed run leaves behind', () => {
  it.for([
    { what: 'that ends when it is asked', script: ':', by: 'SIGTERM' },
    { what: 'that does not listen', script: 'trap "" TERM', by: 'SIGKILL' },
  ])('is ended, also a process $what', async ({ script, by }) => {
    const { child, ended } = await lingering(script, { [runMarker]: ownRun });
    const named = expect.stringContaining(`(pid ${child.pid})`);
    expect(await endOrphans(ownRun)).toContainEqual(named);
    expect(await ended).toEqual([null, by]);
  });

  it('does not include the processes of other runs', async () => {
    const { child, ended } = await lingering(':', { [runMarker]: randomUUID() });
    expect(await endOrphans(ownRun)).toEqual([]);
    expect(await endOrphans('')).toEqual([]);
    expect(child.exitCode).toBeNull();
    child.kill('SIGKILL');
    await ended;
  });
});
