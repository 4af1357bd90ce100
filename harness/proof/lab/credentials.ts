import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

export interface Credentials {
  pki: string;
  tokens: string;
  token: string;
  /** The API server makes it itself at its first start. */
  ca: string;
}

/** Makes the service-account key and one token of a cluster administrator; valid as long as the lab. */
export function makeCredentials(stateDir: string): Credentials {
  const pki = join(stateDir, 'pki');
  mkdirSync(pki, { recursive: true, mode: 0o700 });
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  writeFileSync(join(pki, 'sa.key'), privateKey, { mode: 0o600 });
  writeFileSync(join(pki, 'sa.pub'), publicKey);
  const token = randomBytes(24).toString('hex');
  const tokens = join(stateDir, 'tokens.csv');
  writeFileSync(tokens, `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  return { pki, tokens, token, ca: join(pki, 'apiserver.crt') };
}

export function renderKubeconfig(server: string, { token, ca }: Pick<Credentials, 'token' | 'ca'>): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    clusters: [{ name: 'lab', cluster: { server, 'certificate-authority': ca } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'admin' } }],
  });
}
