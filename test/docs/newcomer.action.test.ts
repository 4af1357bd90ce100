import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { describe, it, onTestFinished } from 'vitest';
import { archiveOf, fakeIstioctl, serveReleases, sha256Of } from '../action/release-server.ts';
import { freshClone } from './fresh-clone.ts';
import { readWalk } from './read-walk.ts';
import { walk } from './walk.ts';

const docs = join(import.meta.dirname, '../../docs');

async function newcomer(): Promise<{ folder: string; env: Record<string, string> }> {
  const home = mkdtempSync(join(tmpdir(), 'newcomer-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const folder = join(home, 'istio-canary-upgrade');
  await freshClone(folder);
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  return { folder, env: { PATH: path, HOME: home, LANG: 'C.UTF-8' } };
}

/** As GitHub has it: the archive and, beside it, its sum. */
async function releases(): Promise<string> {
  const archive = archiveOf(fakeIstioctl('1.31.0'));
  const file = 'istioctl-1.31.0-linux-amd64.tar.gz';
  const server = await serveReleases({ [`/${file}`]: archive, [`/${file}.sha256`]: `${sha256Of(archive)} *${file}\n` });
  onTestFinished(() => server.close());
  return server.url;
}

describe('a newcomer who does what the documents say, in order, sees what they show', () => {
  it('docs/first-upgrade.md', async () => {
    const surroundings = await newcomer();
    const server = await releases();
    await walk(readWalk(readFileSync(join(docs, 'first-upgrade.md'), 'utf8')), {
      ...surroundings,
      instead: {
        // The clone is there, and its packages with it: `npm cit` is the first thing that our own CI does.
        'git clone https://github.com/OWNER/istio-canary-upgrade && cd istio-canary-upgrade': '',
        'npm ci': '',
        'from=https://github.com/istio/istio/releases/download/$release': `from=${server}`,
      },
    });
  });

  it('docs/when-it-stops.md', async () => {
    await walk(readWalk(readFileSync(join(docs, 'when-it-stops.md'), 'utf8')), await newcomer());
  });
});
