import { describe, expect, it } from 'vitest';
import { builtImages } from '../../../harness/proof/containers/built-images.ts';
import { emptyNodeImage, kubernetesImages, meshImages } from '../../../harness/proof/containers/images.ts';
import { CONTAINER_MODULES } from '../../../harness/proof/containers/modules.ts';
import { meshObjects, workloadImages } from '../../../harness/proof/kind/manifests.ts';

const sources = { binaries: '/bin', envoy: '/envoy', node: '/node' };

describe('the images of a control plane', () => {
  it('have the names that kubeadm wants, and the binary of that name', () => {
    const [apiServer, etcd, dns] = kubernetesImages(sources, '/pause', [
      'registry.k8s.io/kube-apiserver:v1.36.3',
      'registry.k8s.io/etcd:3.6.8-0',
      'registry.k8s.io/coredns/coredns:v1.14.2',
    ]);
    expect(apiServer).toMatchObject({ context: { 'kube-apiserver': '/bin/kubernetes/kube-apiserver' } });
    // The module of etcd calls its binary `server`.
    expect(etcd).toMatchObject({ name: 'registry.k8s.io/etcd:3.6.8-0', context: { etcd: '/bin/kubernetes/server' } });
    expect(dns?.dockerfile).toContain('ENTRYPOINT ["/usr/local/bin/coredns"]');
  });

  it('are refused when kubeadm wants one that is not known', () => {
    expect(() => kubernetesImages(sources, '/pause', ['registry.k8s.io/new-part:v1'])).toThrow(
      'kubeadm wants the image registry.k8s.io/new-part:v1, and no binary is built for it',
    );
  });
});

describe('the images of the mesh', () => {
  it('contain istiod and proxy of both releases, and every image of the manifests', () => {
    const names = meshImages(sources, workloadImages()).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        ...['1.30.4', '1.31.0'].flatMap((tag) => [`docker.io/istio/pilot:${tag}`, `docker.io/istio/proxyv2:${tag}`]),
        ...workloadImages(),
      ]),
    );
  });

  it('are refused for a manifest whose image cannot be made', () => {
    expect(() => meshImages(sources, ['docker.io/library/redis:8.0.0'])).toThrow(
      'the manifests name the image docker.io/library/redis:8.0.0, and it cannot be made here',
    );
  });

  it('take every file from a module that is built', () => {
    const images = [...meshImages(sources, workloadImages()), emptyNodeImage(sources, 'v1.36.3')];
    const folders = images
      .flatMap(({ context }) => Object.values(context))
      .filter((path) => path.startsWith('/bin/'))
      .map((path) => path.split('/')[2]);
    const built = CONTAINER_MODULES.map(({ name }) => name);
    expect(folders.filter((folder) => !built.includes(folder ?? ''))).toEqual([]);
  });
});

describe('images that are made here', () => {
  it('have one Kubernetes and the releases of the lab', () => {
    expect(builtImages.minors).toEqual(['1.36']);
    expect(builtImages.nodeImage('1.36')).toBe('rehearsal/node:v1.36.3');
    expect(builtImages.nodeImage('1.35')).toBeUndefined();
  });

  it('count requests by an EnvoyFilter, and name its counters as Istio does', () => {
    const text = JSON.stringify(meshObjects(builtImages));
    expect(text).toContain('"name":"request-counters"');
    expect(text).toContain('envoy_(istio_.*)');
    expect(JSON.stringify(meshObjects())).not.toContain('envoy_(istio_.*)');
  });
});
