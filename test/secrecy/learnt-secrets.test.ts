import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newUsers } from '@kubernetes/client-node/dist/config_types.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CredentialSource } from '../../src/kubernetes/credentials.ts';
import { dispatcherFor } from '../../src/network/dispatcher-for.ts';
import { createMetrics } from '../../src/prometheus/client.ts';
import { hideSecrets } from '../../src/secrecy/hide-secrets.ts';

describe('a credential is masked from the moment it is obtained', () => {
  it('if it is a token or a password of the kubeconfig', async () => {
    await sourceOf({ token: 'token-of-the-kubeconfig' }).obtain();
    await sourceOf({ username: 'me', password: 'password-of-the-kubeconfig' }).obtain();
    expect(hideSecrets('Unauthorized: token-of-the-kubeconfig')).toBe('Unauthorized: ***');
    expect(hideSecrets('Unauthorized: password-of-the-kubeconfig')).toBe('Unauthorized: ***');
  });

  it('if it is a token that a plugin prints, also when it prints nothing else', async () => {
    const told = JSON.stringify({ status: { token: 'token-of-a-plugin' } });
    await sourceOf({ exec: { command: program(`printf '%s' '${told}'`) } }).obtain();
    expect(hideSecrets('Unauthorized: token-of-a-plugin')).toBe('Unauthorized: ***');
    const bare = sourceOf({ exec: { command: program('echo bare-token') } }).obtain();
    await expect(bare).rejects.toThrow(/the exec plugin did not print JSON/);
    await expect(bare).rejects.not.toThrow(/bare/);
  });

  it('if it is the password of a proxy or of Prometheus', async () => {
    await dispatcherFor({}, 'http://me:password-of-a-proxy@127.0.0.1:1', {}).close();
    const clock = { now: () => 0, sleep: () => Promise.resolve() };
    createMetrics(
      {
        url: 'https://me:password-in-a-url@prometheus.example',
        bearerToken: () => 'token-of-prometheus',
        key: () => 'key-of-a-client',
        sigv4: {
          region: 'eu-central-1',
          service: 'aps',
          credentials: () => ({
            accessKeyId: 'AKID',
            secretAccessKey: 'secret-of-aws',
            sessionToken: 'session-of-aws',
          }),
        },
        headers: { 'X-Api-Key': 'key-in-a-header', 'X-Scope-OrgID': 'tenant-of-ours' },
        timeoutMs: 1_000,
      },
      { clock, env: {} },
    );
    const words = [
      ...['password-of-a-proxy', 'password-in-a-url', 'token-of-prometheus', 'key-in-a-header'],
      ...['key-of-a-client', 'secret-of-aws', 'session-of-aws'],
    ];
    expect(hideSecrets(words.join(' '))).toBe(words.map(() => '***').join(' '));
    expect(hideSecrets('tenant-of-ours')).toBe('tenant-of-ours');
  });
});

function sourceOf(user: object): CredentialSource {
  const [only] = newUsers([{ name: 'someone', user }]);
  if (only === undefined) throw new Error('a kubeconfig user is needed');
  const cluster = { name: 'c', server: 'https://127.0.0.1:1', skipTLSVerify: false };
  return new CredentialSource({ context: 'c', cluster, user: only });
}

function program(line: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'plugin-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'plugin');
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
  return file;
}
