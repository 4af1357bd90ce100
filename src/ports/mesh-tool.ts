import type { IstioFinding } from '../model/istio-finding.ts';

/**
 * What is asked of istioctl about a running mesh, and who moves its tags: always the newer release's binary, in both
 * directions, since an older one moves only part of a tag back (istio/istio#56963). Every call has a deadline. Exit codes
 * are not reliable: what was changed is read back from the cluster.
 */
export interface MeshTool {
  /** The binary's own release, for example `1.31.0`; asks no cluster. @throws ISTIOCTL_MISSING */
  version(): Promise<string>;
  /** `istioctl x precheck`: findings by JSON; empty when there are none. */
  precheck(): Promise<readonly IstioFinding[]>;
  /** `istioctl analyze -A` as the given revision sees the mesh. */
  analyze(revision: string): Promise<readonly IstioFinding[]>;
  /** What `tag generate` says against moving the tag; empty when nothing. It sees only some conflicts. */
  tagConflicts(tag: string, revision: string): Promise<string>;
  /** Moves an existing tag; may decline with exit 0. */
  setTag(tag: string, revision: string, options?: { autoInjectNamespaces?: boolean }): Promise<void>;
  /** Proxies connected to the istiods of a revision, `pod.namespace`. Contains istioctl's own client for a while. */
  connectedProxies(revision: string): Promise<readonly string[]>;
}
