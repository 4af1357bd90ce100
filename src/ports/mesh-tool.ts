import type { IstioFinding } from '../model/istio-finding.ts';
import type { Pod } from './objects.ts';

/** The texts that decide what an injector makes of a pod, as they stand in the ConfigMaps of its revision. */
export interface InjectorTexts {
  mesh: string;
  config: string;
  values: string;
}

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
  /**
   * `kube-inject`: the pod as an injector of this revision with these texts would make it; contacts no cluster.
   * @param nativeSidecars what that istiod would take from the versions of the nodes
   */
  inject(pod: Pod, revision: string, texts: InjectorTexts, nativeSidecars: boolean): Promise<Pod>;
  /** Moves an existing tag; may decline with exit 0. */
  setTag(tag: string, revision: string, options?: { autoInjectNamespaces?: boolean }): Promise<void>;
  /** The versions that the running istiods of a revision tell, each once; empty when none could be asked. */
  istiodVersions(revision: string): Promise<readonly string[]>;
  /** Proxies connected to the istiods of a revision, `pod.namespace`; also those outside the cluster. Not the client of istioctl itself. */
  connectedProxies(revision: string): Promise<readonly string[]>;
}
