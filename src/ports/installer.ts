import type { InstallerKind } from '../model/installer-kind.ts';
import type { Manifest, ManifestObject } from '../model/manifest-object.ts';
import type { InstallPlan } from '../model/plan.ts';

/** What installs the istiods of this mesh. Every call has a deadline. What was changed is read back from the cluster. */
export interface Installer {
  /** What `install` would apply, as far as it can be shown. */
  preview(install: Install): Promise<Manifest>;
  install(install: Install): Promise<void>;
  /** The objects that `remove` would delete, as far as that can be shown; changes nothing. */
  previewRemoval(revision: string): Promise<readonly ManifestObject[]>;
  /**
   * Removes the istiod of a revision; one that is already gone is not an error.
   * @param version of that istiod
   */
  remove(revision: string, version: string): Promise<void>;
}

/** The installer of each kind. @throws UpgradeError when the config that describes it is not known */
export type Installers = (kind: InstallerKind) => Installer;

export interface Install extends Pick<InstallPlan, 'valuesFiles' | 'set' | 'carried' | 'leavesDefaultTag'> {
  revision: string;
  version: string;
  /** Write neither the CRDs nor the reader account, which all revisions share. */
  leavesDefinitions?: true;
  readinessTimeoutMs: number;
}
