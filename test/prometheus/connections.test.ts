import { expect, it } from 'vitest';
import { connectionsOf } from '../../src/prometheus/connections.ts';
import { hideSecrets } from '../../src/secrecy/hide-secrets.ts';

it('connections to Prometheus are kept until a file of the certificates changes, and the new key is masked', async () => {
  const files = { cert: 'first certificate', key: 'first-key-of-a-client' };
  const access = { url: 'https://p', timeoutMs: 1_000, cert: () => files.cert, key: () => files.key };
  const connections = connectionsOf(access, {});
  const first = connections();
  expect(connections()).toBe(first);
  Object.assign(files, { cert: 'renewed certificate', key: 'second-private-material-of-the-pair' });
  const renewed = connections();
  expect(renewed).not.toBe(first);
  expect(connections()).toBe(renewed);
  expect(hideSecrets('second-private-material-of-the-pair')).toBe('***');
  await renewed.close();
});
