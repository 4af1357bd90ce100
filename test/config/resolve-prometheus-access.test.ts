import { describe, expect, it } from 'vitest';
import type { PrometheusSource } from '../../src/config/config.ts';
import { resolvePrometheusAccess } from '../../src/config/resolve-prometheus-access.ts';

const plain: PrometheusSource = { url: 'https://p', headers: [], insecureSkipVerify: false, timeoutMs: 15_000 };
const nothing = {
  env: {},
  readFile: (path: string): string => {
    throw new Error(`ENOENT: no such file, open '${path}'`);
  },
};

describe('access to Prometheus', () => {
  it('needs no file and no environment variable when the config names no secret', () => {
    expect(resolvePrometheusAccess(plain, nothing)).toEqual({
      url: 'https://p',
      insecureSkipVerify: false,
      timeoutMs: 15_000,
    });
  });

  it('takes secrets from files and the environment, without the line end of a file', () => {
    const source: PrometheusSource = {
      ...plain,
      basicAuth: { username: 'u', password: { from: 'env', name: 'PASSWORD', at: 'c:1:1' } },
      headers: [{ name: 'X-Scope-OrgID', value: `team-\${TENANT}`, at: 'c:2:1' }],
      bearerToken: { from: 'file', path: 'token', at: 'c:3:1' },
      ca: { from: 'file', path: 'ca.pem', at: 'c:4:1' },
    };
    const files: Record<string, string> = { token: 'abc\n', 'ca.pem': 'PEM\n' };
    const access = resolvePrometheusAccess(source, {
      env: { PASSWORD: 'p', TENANT: '7' },
      readFile: (path) => files[path] ?? nothing.readFile(path),
    });
    expect(access).toMatchObject({ basicAuth: { username: 'u' }, headers: { 'X-Scope-OrgID': 'team-7' } });
    expect([access.basicAuth?.password(), access.bearerToken?.(), access.ca?.()]).toEqual(['p', 'abc', 'PEM\n']);
    files['token'] = 'renewed\n';
    expect(access.bearerToken?.()).toBe('renewed');
  });

  it('takes the credentials of AWS from the environment, and names the line that asks for them when they are missing', () => {
    const source: PrometheusSource = { ...plain, sigv4: { region: 'eu-central-1', service: 'aps', at: 'c:5:1' } };
    const env = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' };
    const { sigv4 } = resolvePrometheusAccess(source, { ...nothing, env });
    expect(sigv4).toMatchObject({ region: 'eu-central-1', service: 'aps' });
    expect(sigv4?.credentials()).toEqual({ accessKeyId: 'AKID', secretAccessKey: 's', sessionToken: 't' });
    expect(() => resolvePrometheusAccess(source, nothing)).toThrow('c:5:1: environment variable AWS_ACCESS_KEY_ID');
  });

  it.for([
    { when: 'a variable is not set', env: {} },
    { when: 'a variable is empty, as for a secret that does not exist', env: { TOKEN: '' } },
  ])('reports the line of the config when $when', ({ env }) => {
    const source: PrometheusSource = { ...plain, bearerToken: { from: 'env', name: 'TOKEN', at: 'istio.yaml:6:21' } };
    expect(() => resolvePrometheusAccess(source, { ...nothing, env })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_SECRET_MISSING',
        message: 'istio.yaml:6:21: environment variable TOKEN is not set or is empty.',
      }),
    );
  });

  it.for([
    { when: 'a file is missing', readFile: nothing.readFile, reason: "ENOENT: no such file, open 'ca.pem'" },
    { when: 'a file is empty', readFile: () => '\n', reason: 'it is empty' },
  ])('reports the line of the config when $when', ({ readFile, reason }) => {
    const source: PrometheusSource = { ...plain, ca: { from: 'file', path: 'ca.pem', at: 'istio.yaml:7:13' } };
    expect(() => resolvePrometheusAccess(source, { env: {}, readFile })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_FILE_UNREADABLE',
        message: `istio.yaml:7:13: file ca.pem cannot be used: ${reason}.`,
      }),
    );
  });
});
