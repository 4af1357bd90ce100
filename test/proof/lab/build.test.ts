import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildLab } from '../../../harness/proof/lab/build.ts';
import { expectNamespaces } from '../../../harness/proof/lab/network.ts';

describe('a machine that cannot run the lab', () => {
  it('is told to install Go when something has to be built', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'cache-'));
    const told: string[] = [];
    const build = buildLab({ env: { XDG_CACHE_HOME: cache, PATH: cache }, tell: (line) => told.push(line) });
    await expect(build).rejects.toMatchObject({
      name: 'GoMissing',
      exitCode: 2,
      message: expect.stringMatching(/^The lab builds .*: install Go 1\.26 or newer .*\.$/),
    });
    expect(told).toEqual([]);
    rmSync(cache, { recursive: true });
  });

  it('is told which package has the tool that is missing', async () => {
    await expect(expectNamespaces(0, { PATH: '/nowhere' })).rejects.toMatchObject({
      name: 'ToolMissing',
      exitCode: 2,
      message: 'The lab needs `unshare`: install the package util-linux.',
    });
  });
});
