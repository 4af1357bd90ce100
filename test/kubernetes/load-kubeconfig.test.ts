import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadKubeconfig } from '../../src/kubernetes/load-kubeconfig.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const config = (name: string, { server = 'https://10.0.0.1:6443', current = name, user = 'token: secret' } = {}) => `
apiVersion: v1
kind: Config
clusters: [{ name: ${name}, cluster: { server: "${server}", certificate-authority: pki/ca.crt } }]
users: [{ name: ${name}, user: { ${user} } }]
contexts: [{ name: ${name}, context: { cluster: ${name}, user: ${name} } }]
current-context: ${current}
`;

function file(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe('the kubeconfig', () => {
  it('is the file asked for, with paths beside it', () => {
    const kubeconfig = file('config', config('prod', { user: 'client-certificate: me.crt, client-key: /keys/me.key' }));
    expect(loadKubeconfig({ kubeconfig, env: { KUBECONFIG: '/elsewhere' } })).toMatchObject({
      context: 'prod',
      cluster: { server: 'https://10.0.0.1:6443', caFile: join(folder, 'pki/ca.crt') },
      user: { certFile: join(folder, 'me.crt'), keyFile: '/keys/me.key' },
    });
  });

  it('is merged from the files of KUBECONFIG, the first value counts, and missing files are skipped', () => {
    const one = file('one', config('a'));
    const two = file('two', config('a', { server: 'https://other' }));
    const env = { KUBECONFIG: `${join(folder, 'none')}:${one}:${two}` };
    expect(loadKubeconfig({ env }).cluster.server).toBe('https://10.0.0.1:6443');
  });

  it('is found in the home folder', () => {
    file('.kube/config', config('home'));
    expect(loadKubeconfig({ env: { HOME: folder } }).context).toBe('home');
  });

  it("is the pod's service account when there is no file", () => {
    file('token', 'secret');
    const env = { HOME: folder, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    expect(loadKubeconfig({ env, serviceAccount: folder })).toMatchObject({
      context: 'in-cluster',
      cluster: { server: 'https://[fd00::1]:443', caFile: join(folder, 'ca.crt') },
    });
  });

  it('that is missing is never replaced by localhost', () => {
    expect(() => loadKubeconfig({ env: { HOME: folder } })).toThrow(
      expect.objectContaining({ code: 'KUBECONFIG_MISSING', message: expect.stringContaining('.kube/config') }),
    );
    expect(() => loadKubeconfig({ kubeconfig: join(folder, 'none'), env: {} })).toThrow(
      expect.objectContaining({ code: 'KUBECONFIG_MISSING' }),
    );
  });

  it.for([
    { problem: 'is no YAML', text: 'a: [' },
    { problem: 'is a list', text: '- a' },
    { problem: 'has a cluster without a server', text: config('a').replace('server:', 'sever:') },
    { problem: 'has a server that is no URL', text: config('a', { server: '10.0.0.1:6443' }) },
    { problem: 'would send a token in clear', text: config('a', { server: 'http://10.0.0.1:6443' }) },
    { problem: 'names a user that it does not have', text: config('a').replace('user: a', 'user: b') },
    { problem: 'has an exec plugin without a command', text: config('a', { user: 'exec: {}' }) },
  ])('is refused when it $problem', ({ text }) => {
    const kubeconfig = file('config', text);
    expect(() => loadKubeconfig({ kubeconfig, env: {} })).toThrow(
      expect.objectContaining({ code: 'KUBECONFIG_INVALID' }),
    );
  });

  it('lists its contexts when the one asked for is unknown', () => {
    const kubeconfig = file('config', config('prod'));
    expect(() => loadKubeconfig({ kubeconfig, context: 'staging', env: {} })).toThrow(
      expect.objectContaining({ code: 'CONTEXT_UNKNOWN', hint: 'It has: prod.' }),
    );
  });

  it('gives its exec plugin the environment that plugins of client-go require', () => {
    const kubeconfig = file('config', config('a', { user: 'exec: { command: ./login, apiVersion: x/v1beta1 }' }));
    expect(loadKubeconfig({ kubeconfig, env: {} }).user.exec).toMatchObject({
      command: join(folder, 'login'),
      env: [{ name: 'KUBERNETES_EXEC_INFO', value: expect.stringContaining('"apiVersion":"x/v1beta1"') }],
    });
  });
});
