import type { Manifest, ManifestObject } from '../model/manifest-object.ts';
import type { InstallPlan } from '../model/plan.ts';

/** What installs the istiods of this mesh. Every call has a deadline. What was changed is read back from the cluster. */
export interface Installer {
  /** What `install` would apply. */
  preview(install: Install): Promise<Manifest>;
  install(install: Install): Promise<void>;
  /** The objects that `remove` would delete; changes nothing. */
  previewRemoval(revision: string): Promise<readonly ManifestObject[]>;
  /** Removes the istiod of a revision; one that is already gone is not an error. */
  remove(revision: string): Promise<void>;
}

export interface Install extends Pick<InstallPlan, 'valuesFiles' | 'set' | 'carried'> {
  revision: string;
  /** Write neither the CRDs nor the reader account, which all revisions share. */
  leavesDefinitions?: true;
  readinessTimeoutMs: number;
}
