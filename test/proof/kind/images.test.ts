import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../harness/proof/kind/cluster.ts';
import { istioImages, loadImages } from '../../../harness/proof/kind/images.ts';
import { kindCli, type Run } from '../../../harness/proof/kind/kind-cli.ts';
import { workloadImages } from '../../../harness/proof/kind/manifests.ts';
import { DEFAULT_KUBERNETES, kubernetesMinors, nodeImage } from '../../../harness/proof/kind/node-images.ts';
import { kubernetesRange } from '../../../src/model/releases.ts';

const manifests = (version: string) => `
kind: Deployment
        - image: docker.io/istio/pilot:${version}
`;

describe('node images', () => {
  it.for(kubernetesMinors().map((minor) => ({ minor })))('Kubernetes $minor is pinned by its digest', ({ minor }) => {
    expect(nodeImage(minor)).toMatch(
      new RegExp(`^kindest/node:v${minor.replace('.', '\\.')}\\.\\d+@sha256:[0-9a-f]{64}$`),
    );
  });

  it('the default is one that both releases of the default hop support', () => {
    for (const version of ['1.30.4', '1.31.0']) {
      const [lowest = 0, highest = 0] = kubernetesRange(version) ?? [];
      const minor = Number(DEFAULT_KUBERNETES.split('.')[1]);
      expect(minor >= lowest && minor <= highest, version).toBe(true);
    }
  });

  it('a minor of Kubernetes that kind does not have has none', () => {
    expect(nodeImage('1.12')).toBeUndefined();
  });
});

describe('the images of the rehearsal', () => {
  const run =
    (said: string[], failing = ''): Run =>
    async (words) => {
      const line = words.join(' ');
      said.push(line);
      if (failing !== '' && line.startsWith(failing))
        throw new Error('Command failed\n\nCannot connect to the Docker daemon');
      return line.includes('manifest generate') ? manifests(words[0]?.replace('istioctl-', '') ?? '') : '';
    };
  const load = async (failing?: string) => {
    const [said, told]: [string[], string[]] = [[], []];
    const own = run(said, failing);
    const istioctls = ['istioctl-1.30.4', 'istioctl-1.31.0'];
    const cluster: Cluster = { name: 'a', kubeconfig: '', folder: '', close: async () => undefined };
    await loadImages(cluster, {
      kind: kindCli('kind', own),
      run: own,
      istioctls,
      tell: (line) => void told.push(line),
    });
    return { said, told };
  };
  const ofIstio = ['1.30.4', '1.31.0'].flatMap((tag) => [
    `docker.io/istio/pilot:${tag}`,
    `docker.io/istio/proxyv2:${tag}`,
  ]);

  it('are those of both releases, from the registry that istioctl names, and those of the workloads', async () => {
    const { said } = await load();
    expect(said.at(-1)).toBe(`kind load docker-image ${[...ofIstio, ...workloadImages()].join(' ')} --name a`);
    expect(said.filter((line) => line.startsWith('docker pull'))).toHaveLength(
      ofIstio.length + workloadImages().length,
    );
  });

  it('are left for the node to pull when docker does not answer, and that is reported', async () => {
    const { said, told } = await load('docker version');
    expect(said.filter((line) => line.startsWith('kind'))).toEqual([]);
    expect(told).toEqual(['the node pulls the images by itself: Cannot connect to the Docker daemon']);
  });

  it('are unknown when istioctl names no istiod', async () => {
    await expect(istioImages('istioctl', async () => 'kind: ConfigMap')).rejects.toThrow('names no image of istiod');
  });
});
