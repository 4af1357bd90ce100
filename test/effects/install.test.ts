import { describe, expect, it } from 'vitest';
import { install } from '../../src/effects/install.ts';
import type { KubernetesObject } from '../../src/model/kubernetes-object.ts';
import type { Installer } from '../../src/ports/installer.ts';
import type { Cluster } from '../../src/ports/kubernetes.ts';
import type { ConfigMap } from '../../src/ports/objects.ts';
import { New } from '../mesh/world-fixtures.ts';
import { context, memoryJournal, now, only } from './effects-fixtures.ts';

const configMap = { name: `values-${New}`, namespace: 'istio-system', data: { 'original-values': 'asked' } };

/** What the journal has of the installed istiod, version by version, and how the effect ended. */
interface Given {
  live: Record<string, string> | undefined;
  asked?: Record<string, string>;
  fails?: Error;
}

async function installing({ live, asked = configMap.data, fails }: Given) {
  const { journal, versions } = memoryJournal();
  const get = async <T extends KubernetesObject>() =>
    live && ({ metadata: { name: configMap.name }, data: live } satisfies ConfigMap as unknown as T);
  const { name, namespace } = configMap;
  const manifested = { kind: 'ConfigMap', metadata: { name, namespace }, data: asked };
  const end = install.perform(
    { kind: 'install', revision: New, again: false },
    context({
      journal,
      cluster: only<Cluster>({ get }),
      installer: only<Installer>({
        preview: async () => ({ objects: [], hash: 'as-asked', configuring: [manifested] }),
        install: async () => {
          if (fails) throw fails;
        },
      }),
      now,
    }),
  );
  const message = await end.then(
    () => 'done',
    (failure: Error) => failure.message,
  );
  return { message, installed: versions.map(({ marks }) => marks.installed) };
}

const begun = { revision: New };

describe('the install of an istiod', () => {
  it('is noted before it begins, and with what was installed when the cluster has it', async () => {
    expect(await installing({ live: configMap.data })).toEqual({
      message: 'done',
      installed: [begun, { revision: New, manifest: 'as-asked' }],
    });
  });

  it.for([
    { when: 'the cluster holds other values', live: { 'original-values': 'other' } },
    { when: 'the cluster holds none', live: undefined },
  ])('does not count as made when $when, although istioctl says so', async ({ live }) => {
    const { message, installed } = await installing({ live });
    expect(message).toContain(`ConfigMap values-${New} is not what it applied (original-values)`);
    expect(installed).toEqual([begun]);
  });

  it('counts as made when another writer has changed what are no values', async () => {
    const { message } = await installing({ live: { ...configMap.data, config: 'edited' } });
    expect(message).toBe('done');
  });

  it('does not count as made when its manifest holds no values to compare', async () => {
    const { message, installed } = await installing({ live: { mesh: 'x' }, asked: { mesh: 'x' } });
    expect([message, installed]).toEqual(['the manifest of the new istiod holds no values', [begun]]);
  });

  it('does not count as made when istioctl fails', async () => {
    expect(await installing({ live: configMap.data, fails: new Error('exit code 1') })).toEqual({
      message: 'exit code 1',
      installed: [begun],
    });
  });
});
