import { describe, expect, it } from 'vitest';
import { inspectHelm } from '../../src/checks/helm.ts';
import type { Helm } from '../../src/ports/helm.ts';
import type { Cluster } from '../../src/ports/kubernetes.ts';
import { only } from '../effects/effects-fixtures.ts';
import { plan } from '../mesh/world-fixtures.ts';

const ports = (version: string) => ({
  cluster: only<Cluster>({}),
  helm: only<Helm>({ version: async () => version }),
  installers: () => {
    throw new Error('a helm that is too old was asked to render');
  },
});

describe('the check of helm', () => {
  it('blocks a helm that is too old, and asks nothing else of it', async () => {
    const findings = await inspectHelm(ports('3.13.3'), plan({ installer: 'helm' }), false);
    expect(findings.map(({ severity, code, message }) => [severity, code, message])).toEqual([
      ['blocks', 'HELM_TOO_OLD', 'helm is 3.13.3; at least 3.14.0 is needed.'],
    ]);
  });

  it.for(['istioctl', 'command', 'external'] as const)('asks no helm where the installer is %s', async (installer) => {
    expect(await inspectHelm(ports('3.13.3'), plan({ installer }), false)).toEqual([]);
  });
});
