import { describe, expect, it } from 'vitest';
import { restartWorkload } from '../../src/effects/restart-workload.ts';
import type { Cluster, Kind, Patch, Target } from '../../src/ports/kubernetes.ts';
import { context, only } from './effects-fixtures.ts';

const effect = {
  kind: 'restart-workload',
  workload: { kind: 'Deployment', namespace: 'bar', name: 'db' },
  by: { runId: 'run1', direction: 'forward' },
} as const;

/** A cluster whose first `failures` patches fail, and whose workload then carries the token `template` or is gone. */
function clusterWith({ failures, template }: { failures: number; template: string | 'gone' }) {
  const patches: { kind: string; target: Target; patch: Patch }[] = [];
  const cluster = only<Cluster>({
    // It may surge, so no dry-run pod is asked.
    list: (async () => [
      { metadata: { name: 'db', namespace: 'bar' }, spec: { replicas: 2 } },
    ]) as unknown as Cluster['list'],
    patch: (async (kind: Kind, target: Target, patch: Patch) => {
      patches.push({ kind: kind.kind, target, patch });
      if (patches.length <= failures) throw new Error(`failure ${patches.length}`);
    }) as Cluster['patch'],
    get: (async () =>
      template === 'gone'
        ? undefined
        : {
            spec: { template: { metadata: { annotations: { 'istio-canary-upgrade/run': template } } } },
          }) as unknown as Cluster['get'],
  });
  return { cluster, patches };
}

describe('a restart', () => {
  it('is one strategic merge patch of the pod template with the token and the time', async () => {
    const { cluster, patches } = clusterWith({ failures: 0, template: 'before' });
    await restartWorkload.perform(effect, context({ cluster }));
    const annotations = {
      'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00.000Z',
      'istio-canary-upgrade/run': 'run1.forward',
    };
    expect(patches).toEqual([
      {
        kind: 'Deployment',
        target: { name: 'db', namespace: 'bar' },
        patch: {
          type: 'strategic-merge',
          body: { spec: { template: { metadata: { annotations } } } },
          fieldManager: 'istio-canary-upgrade',
        },
      },
    ]);
  });

  it.for([
    { outcome: 'is sent again', when: 'its answer was lost and it was not made', template: 'before', sent: 2 },
    { outcome: 'is not sent again', when: 'its answer was lost and it was made', template: 'run1.forward', sent: 1 },
    { outcome: 'is not sent again', when: 'the workload is gone', template: 'gone', sent: 1 },
  ])('$outcome when $when', async ({ template, sent }) => {
    const { cluster, patches } = clusterWith({ failures: 1, template });
    await restartWorkload.perform(effect, context({ cluster }));
    expect(patches).toHaveLength(sent);
  });

  it('fails with the last failure after three attempts', async () => {
    const { cluster, patches } = clusterWith({ failures: 3, template: 'before' });
    await expect(restartWorkload.perform(effect, context({ cluster }))).rejects.toThrow('failure 3');
    expect(patches).toHaveLength(3);
  });
});
