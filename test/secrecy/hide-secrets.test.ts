import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderFailure } from '../../src/cli/render-failure.ts';
import { ClusterUnauthorized } from '../../src/kubernetes/cluster-errors.ts';
import { PrometheusAccessInvalid } from '../../src/prometheus/prometheus-errors.ts';
import { hideSecrets, hideSecretsIn, learnSecrets, learnSecretsOfUrl } from '../../src/secrecy/hide-secrets.ts';
import { seed } from '../hostile/hostile-text.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a secret that is recognised by its form', () => {
  it.for([
    ['Get "https://admin:hunter2@proxy:3128/x": EOF', 'Get "https://***@proxy:3128/x": EOF'],
    ['https%3A%2F%2Fadmin%3Ahunter2%40proxy failed', 'https%3A%2F%2F***@proxy failed'],
    ['header Authorization: Bearer abcdefgh12345678', 'header Authorization: Bearer ***'],
    ['Basic YWRtaW46aHVudGVyMg== refused', 'Basic *** refused'],
    ['jwt eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0 expired', 'jwt *** expired'],
    ['{"kind":"ExecCredential","status":{"token":"abc"}}', '{"kind":"ExecCredential","status":{"token":"***"}}'],
    ['{\\"token\\":\\"abc\\"}', '{\\"token\\":\\"***\\"}'],
    ['POST /?access_token=abcdef123&x=1', 'POST /?access_token=***&x=1'],
    ['client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURQ', 'client-key-data: ***'],
    [
      '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----',
      '-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----',
    ],
  ])('is masked: %j becomes %j', ([text = '', shown]) => {
    expect(hideSecrets(text)).toBe(shown);
  });

  it.for([
    'Basic authentication is not enabled',
    'kubernetes://istio-system/prometheus:9090',
    'https://prometheus.example/api: 401',
    'token: expired',
    'workload foo/httpbin@sha256:0123',
    'the bearer token has expired',
  ])('is not found in %j', (text) => {
    expect(hideSecrets(text)).toBe(text);
  });
});

describe(`a known secret (seed ${seed})`, () => {
  const secret = fc
    .string({ unit: 'grapheme-ascii', minLength: 10, maxLength: 60 })
    .filter((text) => text.trim().length >= 10);

  it('is masked in every encoding, wherever it stands', () => {
    fc.assert(
      fc.property(secret, fc.string({ maxLength: 7 }), (text, before) => {
        const value = text.trim();
        learnSecrets(value);
        for (const worn of [
          value,
          encodeURIComponent(value),
          JSON.stringify(value).slice(1, -1),
          base64(value),
          base64(`${before}:${value}`),
        ])
          expect(hideSecrets(`${before} ${worn} after`)).not.toContain(worn);
      }),
      { seed, numRuns: 200 },
    );
  });

  it('is masked in a message that was cut, line by line, and everywhere in a document', () => {
    learnSecrets('opaque-secret-of-thirty-letters', '-----BEGIN X-----\nMIIEvQIBADANBgkqhkiG\n-----END X-----');
    expect(hideSecrets('it said opaque-secret-of-th...')).toBe('it said ***...');
    expect(hideSecrets('opaque-secret is a name')).toBe('opaque-secret is a name');
    expect(hideSecrets('line MIIEvQIBADANBgkqhkiG')).toBe('line ***');
    const error = ClusterUnauthorized.of('https://api', 'opaque-secret-of-thirty-letters');
    const hidden = JSON.stringify(
      hideSecretsIn({ error, list: [new Error('opaque-secret-of-thirty-letters')], none: null }),
    );
    expect(hidden).not.toContain('opaque');
    expect(JSON.parse(hidden)).toMatchObject({ error: { code: 'CLUSTER_UNAUTHORIZED' }, none: null });
  });

  it('of a URL is its password, encoded and decoded', () => {
    learnSecretsOfUrl('https://me:p%40ssw0rd-long@proxy:3128');
    expect(hideSecrets('407 for p@ssw0rd-long and p%40ssw0rd-long')).toBe('407 for *** and ***');
    learnSecretsOfUrl('no URL');
  });

  it('does not appear in an error, as text or as JSON', () => {
    for (const json of [true, false]) {
      expect(renderFailure(PrometheusAccessInvalid.of('ftp://a:letmein@b', 'wrong'), json).text).not.toContain(
        'letmein',
      );
      expect(renderFailure(new Error('Bearer abcdefgh12345678'), json).text).not.toContain('abcdefgh');
    }
  });
});
