import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import { Nodes } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';

interface Node extends KubernetesObject {
  status?: { nodeInfo?: { kubeletVersion?: string } };
}

/** The first minor release of Kubernetes whose kubelet runs them for certain. */
const minorMin = 33;

/**
 * Whether an istiod makes its proxies native sidecars, by its own rule: DetectNativeSidecar in pkg/kube/inject/webhook.go of 1.27 to 1.31.
 * @param setting its ENABLE_NATIVE_SIDECARS, as JSON
 * @returns `undefined` when the nodes cannot be read
 */
export async function observeNativeSidecars(
  cluster: Cluster,
  setting: string | undefined,
): Promise<boolean | undefined> {
  if (setting === '"true"') return true;
  if (setting === '"false"') return false;
  const nodes = await nodesOf(cluster);
  return nodes?.every(({ status }) => {
    const minor = /^v?\d+\.(\d+)/.exec(status?.nodeInfo?.kubeletVersion ?? '')?.[1];
    return minor !== undefined && Number(minor) >= minorMin;
  });
}

async function nodesOf(cluster: Cluster): Promise<readonly Node[] | undefined> {
  try {
    return await cluster.list<Node>(Nodes);
  } catch {
    // The check of room on the nodes says why they cannot be listed.
    return undefined;
  }
}
