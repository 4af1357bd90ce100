import type { ManifestObject } from '../model/manifest-object.ts';
import type { ReleaseName } from '../model/release-name.ts';

/** Questions to helm that change nothing. Every call has a deadline. */
export interface Helm {
  /** Of the binary, for example `4.3.1`; contacts no cluster. @throws HELM_MISSING */
  version(): Promise<string>;
  /** `undefined` when there is no such release. */
  release(name: ReleaseName): Promise<HelmRelease | undefined>;
}

export interface HelmRelease {
  /** `deployed`, `failed`, `pending-install`, ... */
  status: string;
  /** What its removal would delete, whatever the marks of the live objects say. */
  objects: readonly ManifestObject[];
}
