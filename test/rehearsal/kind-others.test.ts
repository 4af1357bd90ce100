import { describe, expect, it } from 'vitest';
import { othersOnKind } from '../../harness/rehearsal/backends/kind-others.ts';
import type { ChangeShape } from '../../harness/rehearsal/model/scenario-schema.ts';

const nothing: ChangeShape = { paused: [], podSecurity: {}, istiods: [] };

/** What is run for a change, without what names the cluster. */
async function ranFor(change: ChangeShape): Promise<string[]> {
  const ran: string[] = [];
  const ready = ['1 of 1', '2 of 2', '1 of 2'];
  await othersOnKind(
    {
      run: async (words) => {
        const line = words.join(' ').replace('kubectl --kubeconfig file ', '');
        ran.push(line);
        if (line.includes('pgrep -x') && !line.includes('sh -c')) return '101\n202\n';
        return line.startsWith('get') ? (ready.shift() ?? 'asked too often') : '';
      },
      kubeconfig: 'file',
      node: 'node',
      oldRevision: '1-30-4',
      signal: new AbortController().signal,
    },
    change,
  );
  return ran;
}

describe('what others change in a cluster of kind', () => {
  it('is nothing when the scenario says nothing', async () => {
    expect(await ranFor(nothing)).toEqual([]);
  });

  it('pauses Deployments and lets namespaces enforce PodSecurity', async () => {
    expect(await ranFor({ ...nothing, paused: ['bar/app'], podSecurity: { baz: 'baseline' } })).toEqual([
      'rollout pause deployment/app --namespace bar',
      'label namespace baz pod-security.kubernetes.io/enforce=baseline',
    ]);
  });

  it('crashes the second replica of the old istiod, spares what ran before, and waits until one of two is ready', async () => {
    const [spared, crash, scale, ...asked] = await ranFor({ ...nothing, oldIstiod: '1 of 2 ready' });
    expect(spared).toBe('docker exec node pgrep -x pilot-discovery');
    expect(crash).toContain(`case ' 101 202 ' in *" $pid "*) continue`);
    expect(crash).toContain('REVISION=1-30-4');
    expect(scale).toBe('scale deployment/istiod-1-30-4 --namespace istio-system --replicas=2');
    expect(asked).toHaveLength(3);
  });
});
