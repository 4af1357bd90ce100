import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openContainers } from '../../../harness/proof/containers/build.ts';
import { leftCgroups } from '../../../harness/proof/containers/cgroups.ts';
import { attachEngine, sweepDeadEngine } from '../../../harness/proof/containers/engine.ts';
import { containerPlaces } from '../../../harness/proof/containers/places.ts';
import { workloadImages } from '../../../harness/proof/kind/manifests.ts';
import { waitUntil } from '../../../harness/proof/lab/wait-until.ts';

const { env } = process;
const program = join(import.meta.dirname, '../../../harness/proof/containers/main.ts');
const containers = (...words: string[]) =>
  execa(process.execPath, [program, ...words], { env, reject: false, all: true, timeout: 180_000 });

/** Processes whose command line names a program of the engine. */
const engineProcesses = () =>
  readdirSync('/proc').filter((pid) => {
    const words = /^\d+$/.test(pid) ? commandLineOf(pid) : '';
    return /^(dockerd|containerd|tini)\0/.test(words) || words.includes('engine-init.sh');
  });

/** Empty for a process that has just ended. */
function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch (failure) {
    if (['ENOENT', 'ESRCH'].includes((failure as NodeJS.ErrnoException).code ?? '')) return '';
    throw failure;
  }
}

const mountsOfEngine = () =>
  readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(containerPlaces(env).folder));

function expectNothingLeft(): void {
  const { record, socket } = containerPlaces(env);
  expect({
    processes: engineProcesses(),
    mounts: mountsOfEngine(),
    cgroups: leftCgroups(),
    files: [record, socket].filter((file) => existsSync(file)),
  }).toEqual({ processes: [], mounts: [], cgroups: [], files: [] });
}

describe('the engine', () => {
  beforeAll(async () => {
    const engine = await openContainers({ env, workloads: workloadImages(), detached: false, tell: console.log });
    await engine.stop();
  });
  afterEach(async () => {
    await attachEngine(env)?.stop();
  });

  it('runs a container in its own network, and leaves nothing after `down`', async () => {
    const up = await containers('up');
    expect(up.exitCode, up.all).toBe(0);
    const inside = await containers('exec', 'docker', 'run', '--rm', 'rehearsal/app:1', 'cat', '/etc/hostname');
    expect(inside.exitCode, inside.all).toBe(0);
    const down = await containers('down');
    expect(down.stdout).toBe('The engine is down.');
    expectNothingLeft();
  });

  it('that is interrupted while it starts leaves nothing', async () => {
    const starting = containers('up');
    await waitUntil('the process of the engine', () => engineProcesses().length > 0, { deadlineMs: 60_000 });
    starting.kill('SIGINT');
    expect((await starting).exitCode).toBe(130);
    expectNothingLeft();
  });

  it('ends when its starter is killed, and its empty cgroups are removed by the next command', async () => {
    const module = join(import.meta.dirname, '../../../harness/proof/containers/inside.ts');
    const script = `import { runInside } from ${JSON.stringify(module)};
      await runInside(['sleep', '600'], { env: process.env, tell: () => undefined, signal: new AbortController().signal });`;
    const starter = execa(process.execPath, ['--input-type=module-typescript', '--eval', script], {
      env,
      reject: false,
    });
    const isUp = async () => (await attachEngine(env)?.docker.answers()) ?? false;
    await waitUntil('the engine', isUp, { deadlineMs: 60_000 });
    starter.kill('SIGKILL');
    await starter;
    await waitUntil('the end of the engine', () => engineProcesses().length === 0, { deadlineMs: 30_000 });
    expect(mountsOfEngine()).toEqual([]);
    expect((await sweepDeadEngine(env)).length).toBeGreaterThan(0);
    expectNothingLeft();
  });
});
