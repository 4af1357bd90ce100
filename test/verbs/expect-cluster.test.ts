import { describe, expect, it } from 'vitest';
import { UpgradeError } from '../../src/model/upgrade-error.ts';
import { expectCluster } from '../../src/verbs/expect-cluster.ts';

const uid = '6f1d2c3b-0a1b-4c2d-8e3f-112233445566';
const name = { context: 'prod', cluster: 'prod-eu', server: 'https://api.prod.example.com:6443', user: 'admin' };

/** Only what a UID needs may be asked. */
const cluster = (asked: string[]) => ({
  get: (_kind: unknown, which: string) => {
    asked.push(which);
    return Promise.resolve({ metadata: { name: which, uid } } as never);
  },
});

describe('the cluster that a config is for', () => {
  it.for([
    { wanted: undefined, by: 'nothing, so that any cluster is meant' },
    { wanted: 'prod', by: 'the context' },
    { wanted: 'prod-eu', by: 'the cluster in the kubeconfig' },
    { wanted: 'https://api.prod.example.com:6443', by: 'the URL of the API server' },
    { wanted: 'https://api.prod.example.com:6443/', by: 'the URL with a slash' },
    { wanted: 'api.prod.example.com:6443', by: 'host and port of the API server' },
    { wanted: 'api.prod.example.com', by: 'the host of the API server' },
  ])('can be named by $by, without a request', async ({ wanted }) => {
    const asked: string[] = [];
    await expectCluster(wanted, name, cluster(asked));
    expect(asked).toEqual([]);
  });

  it('can be named by the UID of kube-system', async () => {
    const asked: string[] = [];
    await expectCluster(uid.toUpperCase(), name, cluster(asked));
    expect(asked).toEqual(['kube-system']);
  });

  it.for(['staging', 'admin', 'https://api.staging.example.com:6443', '', 'prod.example.com'])(
    'is another one than "%s"',
    async (wanted) => {
      const refused = await expectCluster(wanted, name, cluster([])).catch((thrown: unknown) => thrown);
      expect(refused).toBeInstanceOf(UpgradeError);
      expect(refused).toMatchObject({ code: 'CLUSTER_NOT_MEANT', state: 'Nothing was changed.' });
    },
  );

  it('is another one than that with another UID, and the message has both', async () => {
    const wanted = '00000000-0a1b-4c2d-8e3f-112233445566';
    await expect(expectCluster(wanted, name, cluster([]))).rejects.toThrow(new RegExp(`${wanted}.*${uid}`));
  });
});
