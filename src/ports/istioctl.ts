import type { IstioFinding } from '../model/istio-finding.ts';
import type { ManifestObject } from '../model/manifest-object.ts';

/**
 * What the engine asks of istioctl: always the newer release's binary, in both directions, since an older one moves only
 * part of a tag back (istio/istio#56963). Every call has a deadline. Exit codes lie: effects are read back from the cluster.
 */
export interface Istioctl {
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
  /** The objects that `install` would apply. */
  manifest(install: Install): Promise<readonly ManifestObject[]>;
  install(install: Install): Promise<void>;
  /** What `uninstall` would remove, from its `--dry-run`; the only safe probe. */
  uninstallPreview(revision: string): Promise<readonly ManifestObject[]>;
  uninstall(revision: string): Promise<void>;
  /** Proxies connected to the istiods of a revision, `pod.namespace`. Contains istioctl's own client for a while. */
  connectedProxies(revision: string): Promise<readonly string[]>;
}

export interface Install {
  revision: string;
  /** A file with an IstioOperator or values, from the config. */
  valuesFile?: string;
  /** `--set` pairs, from the config. */
  set: readonly string[];
  readinessTimeoutMs: number;
}
