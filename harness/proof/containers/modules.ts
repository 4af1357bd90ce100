import { join } from 'node:path';
import type { GoModule } from '../lab/go-module.ts';
import { DEFAULT_RELEASES, type IstioVersion, labModules } from '../lab/modules.ts';

/** The version of Kubernetes in the node image: the lab's, which shares its binaries. */
export const KUBERNETES_VERSION = 'v1.36.3';

const COMPONENT_VERSION = 'k8s.io/component-base/version';
const sourcesOf = (name: string): string => join(import.meta.dirname, 'modules', name);

/** A program that is built as its project publishes it. Its binary has the name of the program. */
const program = (name: string, title: string, duration: string): GoModule => ({
  name,
  title,
  duration,
  sources: sourcesOf(name),
  binaries: [name],
  flags: ['-ldflags', '-s -w'],
  isStatic: true,
});

/** What the node and the images need beside the lab's binaries. */
const ownModules: readonly GoModule[] = [
  {
    name: 'kubernetes-node',
    title: 'kubelet, kubeadm and kube-proxy 1.36.3',
    duration: '4 minutes',
    sources: sourcesOf('kubernetes-node'),
    binaries: ['kubelet', 'kubeadm', 'kube-proxy'],
    // With cgo, as the lab builds Kubernetes: most packages then come out of the build cache.
    flags: [
      '-ldflags',
      `-s -w -X ${COMPONENT_VERSION}.gitVersion=${KUBERNETES_VERSION} -X ${COMPONENT_VERSION}.gitMajor=1 -X ${COMPONENT_VERSION}.gitMinor=36`,
    ],
    assets: { from: 'k8s.io/kubernetes', files: ['build/pause/linux/pause.c'] },
  },
  {
    ...program('kind', 'kind 0.33.0', '1 minute'),
    assets: { from: 'sigs.k8s.io/kind', files: ['images/base/files'] },
  },
  program('crictl', 'crictl', '1 minute'),
  program('coredns', 'CoreDNS 1.14.2', '3 minutes'),
  program('fortio', 'fortio 1.68.0', '1 minute'),
  ...DEFAULT_RELEASES.map(agent),
];

/** Built from the same module as the lab's istiod of this version. */
function agent(version: IstioVersion): GoModule {
  const at = 'istio.io/istio/pkg/version';
  return {
    name: `istio-agent-${version}`,
    title: `pilot-agent ${version}`,
    duration: '1 minute',
    sources: sourcesOf(`istio-agent-${version}`),
    binaries: ['pilot-agent'],
    flags: [
      '-tags',
      'agent,disable_pgv,grpcnotrace,retrynotrace',
      '-ldflags',
      `-s -w -X ${at}.buildVersion=${version} -X ${at}.buildStatus=Clean -X ${at}.buildHub=docker.io/istio -X ${at}.buildTag=${version}`,
    ],
    isStatic: true,
    assets: { from: 'istio.io/istio', files: ['tools/packaging/common/envoy_bootstrap.json'] },
  };
}

/** Every binary of a cluster. Of the lab's modules only kwok is not needed: here pods are real. */
export const CONTAINER_MODULES: readonly GoModule[] = [
  ...labModules().filter(({ name }) => name !== 'kwok'),
  ...ownModules,
];
