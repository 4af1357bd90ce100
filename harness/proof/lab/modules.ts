import { join } from 'node:path';
import type { GoModule } from './go-module.ts';
import { IstioUnknown, KubernetesUnknown } from './lab-errors.ts';

const sourcesOf = (name: string): string => join(import.meta.dirname, 'modules', name);

interface IstioRelease {
  commit: string;
  /** What a cold build takes on two cores. */
  duration: string;
}

/** The commits of Istio whose modules the Go module proxy serves, newest first. */
const istioReleases = {
  '1.31.0': { commit: 'eed52ebb66ad', duration: '7 minutes' },
  // Istio's main branch of that day, ten days after the branch of 1.30 was made. Never released.
  '1.31.0-alpha.20260423': { commit: 'b01690e6db7d', duration: '5 minutes' },
  '1.30.4': { commit: '9739e10eb9d7', duration: '4 minutes' },
} as const satisfies Readonly<Record<string, IstioRelease>>;

export type IstioVersion = keyof typeof istioReleases;

/** Of Istio, in a lab for which nothing else is asked. */
export const DEFAULT_RELEASES = ['1.30.4', '1.31.0'] as const satisfies readonly IstioVersion[];

/** A release of Kubernetes with the etcd that its own module names. */
export interface KubernetesRelease {
  /** Of its module. */
  name: string;
  version: string;
  etcd: string;
}

const kubernetesReleases: Readonly<Record<string, KubernetesRelease>> = {
  '1.36': { name: 'kubernetes', version: '1.36.3', etcd: '3.6.8' },
  '1.32': { name: 'kubernetes-1.32', version: '1.32.13', etcd: '3.5.16' },
};

export const DEFAULT_KUBERNETES = '1.36';

/** @throws KubernetesUnknown */
export function kubernetesRelease(minor: string): KubernetesRelease {
  const release = kubernetesReleases[minor];
  if (release === undefined) throw new KubernetesUnknown(minor, Object.keys(kubernetesReleases));
  return release;
}

/** What a lab is made of. */
export interface LabContents {
  /** Of Istio. */
  releases: readonly string[];
  /** A minor of Kubernetes. */
  kubernetes: string;
}

/**
 * The modules of a lab, and no others.
 * @throws IstioUnknown, KubernetesUnknown for what no module is pinned of
 */
export function labModules({
  releases = DEFAULT_RELEASES,
  kubernetes = DEFAULT_KUBERNETES,
}: Partial<LabContents> = {}): readonly GoModule[] {
  return [kubernetesModule(kubernetesRelease(kubernetes)), ...releases.map(istio), ...alwaysNeeded];
}

const COMPONENT_VERSION = 'k8s.io/component-base/version';

function kubernetesModule({ name, version, etcd }: KubernetesRelease): GoModule {
  const [major, minor] = version.split('.');
  return {
    name,
    sources: sourcesOf(name),
    title: `Kubernetes ${version} and etcd ${etcd}`,
    duration: '10 minutes',
    binaries: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'server'],
    // Without these the server says v0.0.0, and istioctl's version checks see that.
    flags: [
      '-ldflags',
      `-s -w -X ${COMPONENT_VERSION}.gitVersion=v${version} -X ${COMPONENT_VERSION}.gitMajor=${major} -X ${COMPONENT_VERSION}.gitMinor=${minor}`,
    ],
  };
}

const alwaysNeeded: readonly GoModule[] = [
  {
    name: 'kwok',
    sources: sourcesOf('kwok'),
    title: 'kwok 0.8.0',
    duration: '1 minute',
    binaries: ['kwok'],
    flags: [],
    assets: {
      from: 'sigs.k8s.io/kwok',
      files: [
        'kustomize/stage/node/fast/node-initialize.yaml',
        'kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
        'kustomize/stage/pod/fast/pod-ready.yaml',
        'kustomize/stage/pod/fast/pod-complete.yaml',
        'kustomize/stage/pod/fast/pod-delete.yaml',
        'kustomize/crd/bases/kwok.x-k8s.io_portforwards.yaml',
      ],
    },
  },
  {
    name: 'prometheus',
    sources: sourcesOf('prometheus'),
    title: 'Prometheus 3.16.0',
    duration: '3 minutes',
    binaries: ['prometheus', 'promtool'],
    // Discovery by file, HTTP and Kubernetes stays; every cloud provider's goes.
    // `go mod tidy` would want them all: go.mod and go.sum were written by `go install -mod=mod` with these flags.
    flags: [
      '-tags',
      'remove_all_sd,enable_kubernetes_sd,netgo',
      '-ldflags',
      '-s -w -X github.com/prometheus/common/version.Version=3.16.0',
    ],
  },
];

/** What speaks the language of Prometheus besides itself: of no lab, only of the contract with the gate's queries. */
export const storeModules: readonly GoModule[] = [
  {
    name: 'victoriametrics',
    sources: sourcesOf('victoriametrics'),
    title: 'VictoriaMetrics 1.151.0',
    duration: '1 minute',
    binaries: ['victoria-metrics'],
    flags: ['-ldflags', '-s -w'],
    isStatic: true,
  },
  {
    name: 'thanos',
    sources: sourcesOf('thanos'),
    title: 'Thanos 0.42.4',
    duration: '6 minutes',
    binaries: ['thanos'],
    flags: ['-tags', 'slicelabels', '-ldflags', '-s -w'],
    isStatic: true,
  },
];

/**
 * Of no lab, only of the tests of the installer helm: each helm with the charts of one release of Istio, whose go.mod pins them both. Most
 * packages are those of its istioctl, so that little is compiled.
 */
export const helmModules: readonly GoModule[] = [
  helm({ major: 4, version: '4.2.0', istio: '1.31.0' }),
  helm({ major: 3, version: '3.21.0', istio: '1.30.4' }),
];

function helm({ major, version, istio }: { major: number; version: string; istio: IstioVersion }): GoModule {
  return {
    name: `helm-${major}`,
    sources: sourcesOf(`helm-${major}`),
    title: `Helm ${version}, and the charts of Istio ${istio}`,
    duration: '2 minutes',
    binaries: ['helm'],
    flags: ['-ldflags', `-s -w -X helm.sh/helm/v${major}/internal/version.version=v${version}`],
    assets: {
      from: 'istio.io/istio',
      files: ['manifests/charts/base', 'manifests/charts/istio-control/istio-discovery'],
    },
  };
}

const isKnown = (version: string): version is IstioVersion => version in istioReleases;

function istio(version: string): GoModule {
  if (!isKnown(version)) throw new IstioUnknown(version, Object.keys(istioReleases));
  const { commit, duration } = istioReleases[version];
  const at = 'istio.io/istio/pkg/version';
  return {
    name: `istio-${version}`,
    sources: sourcesOf(`istio-${version}`),
    title: `Istio ${version}`,
    duration,
    binaries: ['istioctl', 'pilot-discovery'],
    // Hub and tag decide the images that the embedded charts render; the process kubelet reads the version back from them.
    flags: [
      '-tags',
      'vtprotobuf,disable_pgv',
      '-ldflags',
      `-s -w -X ${at}.buildVersion=${version} -X ${at}.buildGitRevision=${commit} -X ${at}.buildStatus=Clean -X ${at}.buildHub=docker.io/istio -X ${at}.buildTag=${version}`,
    ],
  };
}
