import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandInstaller, startIn } from '../../src/installers/command-installer.ts';
import type { Install } from '../../src/ports/installer.ts';

const asked: Install = { revision: '1-31-0', version: '1.31.0', set: [], readinessTimeoutMs: 1_000 };
let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'command-installer-')));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Two scripts of the user in the folder of the config. */
function installerOf(script: string, { timeoutMs = 120_000, tag = 'prod' } = {}) {
  writeFileSync(join(folder, 'mesh.sh'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const words = (verb: string) => ['./mesh.sh', verb, 'rev={revision}', 'v{version} of {tag}', '{else}', '$HOME'];
  const start = startIn({ folder, env: { PATH: '/usr/bin:/bin', KUBECONFIG: '/of/this/run' } });
  return commandInstaller(start, { install: words('install'), remove: words('remove'), timeoutMs }, tag);
}

const said = () => readFileSync(join(folder, 'said'), 'utf8').trimEnd().split('\n');

describe('a command of mesh.installer', () => {
  it('is started without a shell in the folder of the config, with the revision, its version and the tag', async () => {
    const installer = installerOf('printf "%s\\n" "$@" "$KUBECONFIG" > said; pwd >> said');
    await installer.install(asked);
    expect(said()).toEqual([
      ...['install', 'rev=1-31-0', 'v1.31.0 of prod', '{else}', '$HOME'],
      ...['/of/this/run', folder],
    ]);
    await installer.remove({ revision: '1-30-4', version: '1.30.4' });
    expect(said().slice(0, 3)).toEqual(['remove', 'rev=1-30-4', 'v1.30.4 of prod']);
  });

  it('shows nothing beforehand, starts nothing for that, and is another one when its words differ', async () => {
    const { preview, previewRemoval } = installerOf('touch said');
    const shown = await preview(asked);
    expect(shown).toMatchObject({ objects: [], configuring: [], isUnseen: true });
    expect(await preview({ ...asked, set: ['a=b'] })).toEqual(shown);
    expect((await preview({ ...asked, revision: '1-31-1' })).hash).not.toBe(shown.hash);
    expect(await previewRemoval({ revision: '1-30-4', version: '1.30.4' })).toEqual([]);
    expect(existsSync(join(folder, 'said'))).toBe(false);
  });

  it('that ends with another exit code than 0 fails with its last words', async () => {
    await expect(installerOf('echo "Error: no such release" >&2; exit 3').install(asked)).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      message: `\`./mesh.sh install rev=1-31-0 'v1.31.0 of prod' {else} '$HOME'\` ended with exit code 3: Error: no such release`,
    });
  });

  it('ends at its deadline with everything that it started', async () => {
    const installer = installerOf('echo $$ > said; sleep 600 & echo $! >> said; wait', { timeoutMs: 500 });
    await expect(installer.install(asked)).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT' });
    const states = said().map((pid) => {
      const status = `/proc/${pid}/status`;
      return existsSync(status) && !/^State:\s+[ZX]/m.test(readFileSync(status, 'utf8')) ? 'runs' : 'ended';
    });
    expect(states).toEqual(['ended', 'ended']);
  });

  it('that does not exist is named', async () => {
    const start = startIn({ folder, env: { PATH: '/usr/bin:/bin' } });
    const installer = commandInstaller(start, { install: ['no-such-program'], remove: [], timeoutMs: 1_000 }, 'prod');
    await expect(installer.install(asked)).rejects.toMatchObject({
      code: 'COMMAND_MISSING',
      message: 'Cannot start no-such-program: there is no such program.',
    });
  });
});
