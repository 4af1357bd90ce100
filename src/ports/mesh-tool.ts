import type { IstioFinding } from '../model/istio-finding.ts';

/**
 * Questions to istioctl about a running mesh, and the move of its tags. Upgrade and rollback use the binary of the target release;
 * one from before 1.28 moves only part of a tag (istio/istio#56963). Every call has a deadline. Exit codes are not reliable: what
 * was changed is read back from the cluster.
 */
export interface MeshTool {
  /** The release of the binary, for example `1.31.0`; contacts no cluster. @throws ISTIOCTL_MISSING */
  version(): Promise<string>;
  /** `istioctl x precheck`: findings by JSON; empty when there are none. */
  precheck(): Promise<readonly IstioFinding[]>;
  /** `istioctl analyze -A` as the given revision sees the mesh. */
  analyze(revision: string): Promise<readonly IstioFinding[]>;
  /** What `tag generate` reports against moving the tag; empty if nothing. It finds only some conflicts. */
  tagConflicts(tag: string, revision: string): Promise<string>;
  /** Moves an existing tag; may decline with exit 0. */
  setTag(tag: string, revision: string, options?: { autoInjectNamespaces?: boolean }): Promise<void>;
  /** Proxies connected to the istiods of a revision, `pod.namespace`; also those outside the cluster. Not the client of istioctl itself. */
  connectedProxies(revision: string): Promise<readonly string[]>;
}
