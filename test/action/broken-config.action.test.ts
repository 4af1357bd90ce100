import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { act, mesh, podsByRevision } from './acting.ts';
import { archiveOf, serveReleases, sha256Of } from './release-server.ts';

const name = `istioctl-1.31.0-${process.platform === 'darwin' ? 'osx' : 'linux'}-${process.arch === 'arm64' ? 'arm64' : 'amd64'}.tar.gz`;
const secret = 'the-token-of-prometheus';

describe('a config that is broken after a wave of the upgrade', () => {
  it.for([
    {
      what: 'has a wrong key',
      broken: (text: string) => `${text}paec: {}\n`,
      says: 'the config has no key "paec"',
      line: '16',
    },
    { what: 'is not YAML', broken: (text: string) => text.slice(0, 60), says: 'this is not valid YAML', line: '2' },
  ])(
    'does not stop a rollback by action.yml if it $what; the journal says which istioctl is needed',
    async ({ broken, says, line }) => {
      const acting = await mesh();
      const { served } = acting;
      const file = join(acting.workspace, 'istio-upgrade.yaml');
      const reached = await act(acting, { with: { command: 'upgrade', through: 'canary' } });
      expect(reached.outputs['outcome'], reached.log).toBe('reached');

      writeFileSync(file, broken(readFileSync(file, 'utf8')));
      const archive = archiveOf(readFileSync(served.istioctl, 'utf8'));
      const releases = await serveReleases({
        [`/1.31.0/${name}`]: archive,
        [`/1.31.0/${name}.sha256`]: `${sha256Of(archive)}  ${name}\n`,
      });
      onTestFinished(() => releases.close());
      const given = { config: 'istio-upgrade.yaml', 'istioctl-mirror': releases.url, 'prometheus-token': secret };
      const status = await act(acting, { with: { command: 'status', ...given } });
      expect(status.outputs, status.log).toMatchObject({ outcome: 'completed', revision: '1-31-0' });
      expect(status.annotations).toMatchObject([{ level: 'warning', title: 'CONFIG_NOT_USED' }, { level: 'notice' }]);

      const refused = await act(acting, { with: { command: 'upgrade', ...given } });
      expect(refused.outputs['outcome']).toBe('usage');

      const back = await act(acting, { with: { command: 'rollback', ...given } });
      expect(back.conclusion, back.log).toBe('success');
      expect(back.outputs).toMatchObject({ outcome: 'rolled-back', revision: '1-30-4' });
      expect(podsByRevision(served)).toEqual({ '1-30-4': 13 });
      expect(releases.requests).toHaveLength(2);
      const warnings = back.annotations.filter(({ level }) => level === 'warning');
      expect(warnings).toMatchObject([{ title: 'CONFIG_NOT_USED' }]);
      expect(warnings[0]?.message).toContain(`istio-upgrade.yaml:${line}:`);
      expect(warnings[0]?.message).toContain(says);
      for (const ran of [status, refused, back]) {
        expect(ran.log).not.toContain(secret);
        expect(ran.log).not.toContain(served.token);
      }
    },
  );

  it('does not stop a rollback whose istioctl the config names for another release', async () => {
    const acting = await mesh();
    const file = join(acting.workspace, 'istio-upgrade.yaml');
    const reached = await act(acting, { with: { command: 'upgrade', through: 'move-tag' } });
    expect(reached.outputs['outcome'], reached.log).toBe('reached');
    const other = readFileSync(file, 'utf8')
      .replace('1.31.0', '1.32.0')
      .replace(/istioctl: "[^"]*"/, 'istioctl: /nowhere');
    writeFileSync(file, other);
    const back = await act(acting, {
      with: { command: 'rollback', config: 'istio-upgrade.yaml', 'istioctl-mirror': 'http://127.0.0.1:9' },
    });
    expect(back.conclusion, back.log).toBe('success');
    expect(back.outputs).toMatchObject({ outcome: 'rolled-back', revision: '1-30-4' });
    expect(back.annotations.filter(({ level }) => level === 'warning')).toMatchObject([{ title: 'No istioctl' }]);
  });
});
