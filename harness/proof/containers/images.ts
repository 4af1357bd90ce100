import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_RELEASES, type IstioVersion } from '../lab/modules.ts';

/** An image that is made here, under the name by which a registry would give it. */
export interface Image {
  name: string;
  /** Text of its Dockerfile. */
  dockerfile: string;
  /** Paths of files or folders by their name in the Dockerfile's context. */
  context: Readonly<Record<string, string>>;
  args?: Readonly<Record<string, string>>;
}

/** Where binaries are, a folder per Go module, and what is no Go program. */
export interface ImageSources {
  binaries: string;
  envoy: string;
  node: string;
}

export const APP_BASE = 'rehearsal/app:1';
export const MACHINE_BASE = 'rehearsal/machine:1';

const folder = join(import.meta.dirname, 'images');
const dockerfile = (name: string): string => readFileSync(join(folder, name), 'utf8');

const program = (name: string, path: string, as: string): Image => ({
  name,
  dockerfile: `FROM ${APP_BASE}\nCOPY ${as} /usr/local/bin/\nENTRYPOINT ["/usr/local/bin/${as}"]\n`,
  context: { [as]: path },
});

/**
 * The images of a control plane.
 * @param names what `kubeadm config images list` prints, and kind's sandbox image
 * @throws Error for an image that no binary is known for
 */
export function kubernetesImages(
  { binaries }: ImageSources,
  pause: string,
  names: readonly string[],
): readonly Image[] {
  const files: Readonly<Record<string, string>> = {
    'kube-apiserver': join(binaries, 'kubernetes/kube-apiserver'),
    'kube-controller-manager': join(binaries, 'kubernetes/kube-controller-manager'),
    'kube-scheduler': join(binaries, 'kubernetes/kube-scheduler'),
    'kube-proxy': join(binaries, 'kubernetes-node/kube-proxy'),
    etcd: join(binaries, 'kubernetes/server'),
    coredns: join(binaries, 'coredns/coredns'),
    pause,
  };
  return names.map((name) => {
    const as = /([^/]+):[^:]+$/.exec(name)?.[1] ?? '';
    const file = files[as];
    if (file === undefined) throw new Error(`kubeadm wants the image ${name}, and no binary is built for it`);
    return program(name, file, as);
  });
}

/** The images of the mesh and of the rehearsal's workloads; those of `workloads` are named by the manifests. */
export function meshImages(sources: ImageSources, workloads: readonly string[]): readonly Image[] {
  const { binaries, envoy, node } = sources;
  const byRepository: Readonly<Record<string, (name: string) => Image>> = {
    'library/node': (name) => program(name, node, 'node'),
    'prom/prometheus': (name) => ({
      name,
      dockerfile: dockerfile('prometheus.Dockerfile'),
      context: { prometheus: join(binaries, 'prometheus/prometheus') },
    }),
    'fortio/fortio': (name) => program(name, join(binaries, 'fortio/fortio'), 'fortio'),
  };
  const own = workloads.map((name) => {
    const repository = /^docker\.io\/(.+):[^:]+$/.exec(name)?.[1] ?? '';
    const image = byRepository[repository]?.(name);
    if (image === undefined) throw new Error(`the manifests name the image ${name}, and it cannot be made here`);
    return image;
  });
  return [
    { name: 'rehearsal/envoy:1', dockerfile: dockerfile('envoy.Dockerfile'), context: { envoy } },
    ...DEFAULT_RELEASES.flatMap((version) => istioImages(binaries, version)),
    ...own,
  ];
}

const istioImages = (binaries: string, version: IstioVersion): readonly Image[] => [
  {
    name: `docker.io/istio/pilot:${version}`,
    dockerfile: dockerfile('pilot.Dockerfile'),
    context: { 'pilot-discovery': join(binaries, `istio-${version}/pilot-discovery`) },
  },
  {
    name: `docker.io/istio/proxyv2:${version}`,
    dockerfile: dockerfile('proxyv2.Dockerfile'),
    context: {
      'pilot-agent': join(binaries, `istio-agent-${version}/pilot-agent`),
      'envoy_bootstrap.json': join(binaries, `istio-agent-${version}/envoy_bootstrap.json`),
    },
  },
];

/** The node without images: kind's own files, kubelet and kubeadm on Debian. */
export function emptyNodeImage({ binaries }: ImageSources, kubernetes: string): Image {
  const own = [
    '10-ptp.conflist',
    'default-cni.yaml',
    'default-storage.yaml',
    'before-kubelet.sh',
    '12-before-kubelet.conf',
  ];
  return {
    name: 'rehearsal/node-empty:1',
    dockerfile: dockerfile('node/Dockerfile'),
    context: {
      files: join(binaries, 'kind/files'),
      'kubernetes/kubelet': join(binaries, 'kubernetes-node/kubelet'),
      'kubernetes/kubeadm': join(binaries, 'kubernetes-node/kubeadm'),
      'kubernetes/kubectl': join(binaries, 'kubernetes/kubectl'),
      // `kind export logs` calls it.
      'kubernetes/crictl': join(binaries, 'crictl/crictl'),
      'runc-wrapper.sh': join(import.meta.dirname, 'runc-wrapper.sh'),
      ...Object.fromEntries(own.map((file) => [file, join(folder, 'node', file)])),
    },
    args: { KUBERNETES: kubernetes },
  };
}
