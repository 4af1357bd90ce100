import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { servedConfig } from '../../harness/rehearsal/sim/serve/served-config.ts';
import { act, mesh } from './acting.ts';
import { archiveOf, serveReleases, sha256Of } from './release-server.ts';

const name = `istioctl-1.31.0-${process.platform === 'darwin' ? 'osx' : 'linux'}-${process.arch === 'arm64' ? 'arm64' : 'amd64'}.tar.gz`;

describe('istioctl of the target release', () => {
  it('is fetched, verified, cached for the next job, and installs the revision', async () => {
    const acting = await mesh();
    const archive = archiveOf(readFileSync(acting.served.istioctl, 'utf8'));
    const releases = await serveReleases({
      [`/1.31.0/${name}`]: archive,
      [`/1.31.0/${name}.sha256`]: `${sha256Of(archive)}  ${name}\n`,
    });
    onTestFinished(() => releases.close());
    // Nothing in the config leads to an istioctl, and the one on the PATH, if any, is of another release.
    const config = servedConfig('istioctl').replace(', istioctl: "istioctl"', '');
    writeFileSync(join(acting.workspace, 'istio-upgrade.yaml'), config);
    const inputs = { command: 'upgrade', through: 'install-control-plane', 'istioctl-mirror': releases.url };
    const first = await act(acting, { with: inputs });
    expect(first.conclusion, first.log).toBe('success');
    expect(first.outputs['outcome']).toBe('reached');
    expect(releases.requests).toHaveLength(2);
    const second = await act(acting, { with: { ...inputs, command: 'check' } });
    expect(second.steps.find(({ id }) => id === 'istioctl')?.outcome, second.log).toBe('success');
    expect(releases.requests).toHaveLength(2);
  });

  it('is refused when its checksum is not that of the input', async () => {
    const acting = await mesh();
    const archive = archiveOf(readFileSync(acting.served.istioctl, 'utf8'));
    const releases = await serveReleases({ [`/1.31.0/${name}`]: archive });
    onTestFinished(() => releases.close());
    writeFileSync(
      join(acting.workspace, 'istio-upgrade.yaml'),
      servedConfig('istioctl').replace(', istioctl: "istioctl"', ''),
    );
    const ran = await act(acting, {
      with: { command: 'upgrade', 'istioctl-mirror': releases.url, 'istioctl-sha256': '0'.repeat(64) },
    });
    expect(ran.conclusion).toBe('failure');
    expect(ran.outputs['outcome']).toBe('usage');
    expect(ran.annotations[0]?.title).toBe('ISTIOCTL_CHECKSUM_WRONG');
    expect(acting.served.requests()).toBe(0);
  });
});
