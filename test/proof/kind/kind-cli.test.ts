import { describe, expect, it } from 'vitest';
import { type Kind, kindCli, type RunLimits } from '../../../harness/proof/kind/kind-cli.ts';

interface Said {
  words: string;
  limits: RunLimits;
}

function scripted(answer = '') {
  const said: Said[] = [];
  const kind = kindCli('kind', async (words, limits) => {
    said.push({ words: words.join(' '), limits });
    return answer;
  });
  return { kind, said };
}

describe('the commands of kind', () => {
  const calls: { does: string; call: (kind: Kind) => Promise<unknown>; words: string; always: boolean }[] = [
    {
      does: 'a cluster is made from one image, ready when it ends, with a kubeconfig of its own',
      call: (kind) => kind.create({ name: 'a', image: 'kindest/node:v1@sha256:0', kubeconfig: '/t/k' }),
      words: 'kind create cluster --name a --image kindest/node:v1@sha256:0 --kubeconfig /t/k --retain --wait 180s',
      always: false,
    },
    {
      does: 'all images are loaded at once',
      call: (kind) => kind.load('a', ['x:1', 'y:2']),
      words: 'kind load docker-image x:1 y:2 --name a',
      always: false,
    },
    {
      does: 'logs are kept also after an interruption',
      call: (kind) => kind.exportLogs('a', '/t/logs'),
      words: 'kind export logs /t/logs --name a',
      always: true,
    },
    {
      does: 'it is deleted also after an interruption, and only from its own kubeconfig',
      call: (kind) => kind.remove('a', '/t/k'),
      words: 'kind delete cluster --name a --kubeconfig /t/k',
      always: true,
    },
  ];
  it.for(calls)('$does', async ({ call, words, always }) => {
    const { kind, said } = scripted();
    await call(kind);
    expect(said.map((each) => each.words)).toEqual([words]);
    expect(said[0]?.limits.always ?? false).toBe(always);
    expect(said[0]?.limits.timeoutMs).toBeGreaterThan(0);
  });

  it('clusters are read one per line, and none from empty output', async () => {
    expect(await scripted('a\nb\n').kind.clusters()).toEqual(['a', 'b']);
    expect(await scripted('').kind.clusters()).toEqual([]);
  });
});
