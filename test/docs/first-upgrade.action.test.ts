import { describe, it, onTestFinished } from 'vitest';
import { archiveOf, fakeIstioctl, serveReleases, sha256Of } from '../action/release-server.ts';
import { hasCloned, newcomer, practiceSteps } from './newcomer.ts';
import { walk } from './walk.ts';

/** As GitHub has it: the archive and, beside it, its sum. */
async function releases(): Promise<string> {
  const archive = archiveOf(fakeIstioctl('1.31.0'));
  const file = 'istioctl-1.31.0-linux-amd64.tar.gz';
  const server = await serveReleases({ [`/${file}`]: archive, [`/${file}.sha256`]: `${sha256Of(archive)} *${file}\n` });
  onTestFinished(() => server.close());
  return server.url;
}

describe('the commands of this page, run in order, print what it shows', () => {
  it('docs/first-upgrade.md', { timeout: 240_000 }, async () => {
    const server = await releases();
    await walk(practiceSteps('docs/first-upgrade.md'), {
      ...(await newcomer()),
      instead: {
        ...hasCloned,
        'from=https://github.com/istio/istio/releases/download/$release': `from=${server}`,
      },
    });
  });
});
