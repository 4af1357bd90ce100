import type { InstallerKind } from '../model/installer-kind.ts';
import type { Manifest, ManifestObject } from '../model/manifest-object.ts';
import type { InstallPlan } from '../model/plan.ts';
import type { ReleaseName } from '../model/release-name.ts';

/** What installs the istiods of this mesh. Every call has a deadline. What was changed is read back from the cluster. */
export interface Installer {
  /** What `install` would apply, as far as it can be shown. */
  preview(install: Install): Promise<Manifest>;
  install(install: Install): Promise<void>;
  /** Where the installer keeps Istio's CRDs apart from the istiods: brings them to a release. */
  upgradeDefinitions?(upgrade: DefinitionsUpgrade): Promise<void>;
  /** The objects that `remove` would delete, as far as that can be shown; changes nothing. */
  previewRemoval(removal: Removal): Promise<readonly ManifestObject[]>;
  /** Removes the istiod of a revision; one that is already gone is not an error. */
  remove(removal: Removal): Promise<void>;
}

/** The installer of each kind. @throws UpgradeError when the config that describes it is not known */
export type Installers = (kind: InstallerKind) => Installer;

export interface Install extends Pick<InstallPlan, 'valuesFiles' | 'set' | 'carried' | 'leavesDefaultTag'> {
  revision: string;
  version: string;
  /** Under which Helm installs it. */
  release?: ReleaseName;
  /** Write neither the CRDs nor the reader account, which all revisions share. */
  leavesDefinitions?: true;
  readinessTimeoutMs: number;
}

interface DefinitionsUpgrade {
  /** That holds them. */
  release: ReleaseName;
  /** To which they are brought. */
  version: string;
  /** What the validator of the tag `default` points to, and is to point to afterwards. */
  defaultRevision?: string;
}

export interface Removal {
  revision: string;
  /** Of that istiod. */
  version: string;
  /** That holds it, if Helm installed it. */
  release?: ReleaseName;
}
