import semver from 'semver';
import type { Revision } from '../../model/revision.ts';
import { UpgradeError } from '../../model/upgrade-error.ts';
import type { MeshTool } from '../../ports/mesh-tool.ts';

/**
 * The version that the istiods of a revision tell, where their image does not: pinned by a digest, or with a tag that is no version.
 * @returns `undefined` when they differ or tell no version, or when istioctl cannot ask them
 */
export async function versionTold(meshTool: MeshTool, revision: Revision): Promise<string | undefined> {
  try {
    const [version, ...others] = await meshTool.istiodVersions(revision);
    return others.length === 0 && semver.valid(version) !== null ? version : undefined;
  } catch (failure) {
    if (failure instanceof UpgradeError) return undefined;
    throw failure;
  }
}
