import { join } from 'node:path';
import type { GoModule } from './go-module.ts';

const sourcesOf = (name: string): string => join(import.meta.dirname, 'modules', name);

export const ISTIO_VERSIONS = ['1.30.4', '1.31.0'] as const;
export type IstioVersion = (typeof ISTIO_VERSIONS)[number];

const COMPONENT_VERSION = 'k8s.io/component-base/version';

export const LAB_MODULES: readonly GoModule[] = [
  {
    name: 'kubernetes',
    sources: sourcesOf('kubernetes'),
    title: 'Kubernetes 1.36.3 and etcd 3.6.8',
    duration: '10 minutes',
    binaries: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'server'],
    // Without these the server says v0.0.0, and istioctl's version checks see that.
    flags: [
      '-ldflags',
      `-s -w -X ${COMPONENT_VERSION}.gitVersion=v1.36.3 -X ${COMPONENT_VERSION}.gitMajor=1 -X ${COMPONENT_VERSION}.gitMinor=36`,
    ],
  },
  istio('1.31.0', 'eed52ebb66ad', '7 minutes'),
  istio('1.30.4', '9739e10eb9d7', '4 minutes'),
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

function istio(version: IstioVersion, commit: string, duration: string): GoModule {
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
