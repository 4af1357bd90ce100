import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { secretsIn } from '../../src/action/secrets.ts';
import { spokenOptions, verbEnvironment, verbOptions } from '../../src/action/verb-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
const kubeconfig = `apiVersion: v1
users:
  - name: upgrader
    user: { token: eyJhbGciOi.token, client-key-data: S0VZLURBVEE=, username: someone }
  - name: other
    user: { password: "hunter2-hunter2", auth-provider: { config: { id-token: oidc-id-token } } }
`;

describe('the secrets of the Action', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are those of Prometheus and every credential of the kubeconfig given as text', () => {
    const found = secretsIn({ command: 'check', kubeconfig, 'prometheus-token': 'prom-token' }, {});
    expect(found).toEqual(['prom-token', 'eyJhbGciOi.token', 'S0VZLURBVEE=', 'hunter2-hunter2', 'oidc-id-token']);
  });

  it('are found in the file that KUBECONFIG names too', () => {
    const file = join(folder, 'config');
    writeFileSync(file, kubeconfig);
    expect(secretsIn({ command: 'check' }, { KUBECONFIG: `${join(folder, 'none')}:${file}` })).toContain(
      'S0VZLURBVEE=',
    );
    expect(secretsIn({ command: 'check', kubeconfig: file }, {})).toContain('eyJhbGciOi.token');
  });

  it('do not include short values, which would mask half of the log', () => {
    expect(secretsIn({ command: 'check', 'prometheus-password': 'abc' }, {})).toEqual([]);
  });

  it('are passed to a verb as variables, without the other inputs', () => {
    const env = verbEnvironment(
      { command: 'check', 'prometheus-token': 'prom-token' },
      { PATH: '/bin', UPGRADE_INPUTS: '{"prometheus-token":"prom-token"}' },
    );
    expect(env).toEqual({ PATH: '/bin', PROMETHEUS_TOKEN: 'prom-token' });
  });

  it('of a kubeconfig given as text are in a file that only its owner can read and no command names', () => {
    const inputs = { command: 'rollback', kubeconfig } as const;
    const options = verbOptions(inputs, { RUNNER_TEMP: folder });
    expect(options.kubeconfig).toMatch(/kubeconfig$/);
    expect(spokenOptions(options, inputs).kubeconfig).toBeUndefined();
  });
});
