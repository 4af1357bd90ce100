import { IstioctlNotForPlatform } from './action-errors.ts';

const officialMirror = 'https://github.com/istio/istio/releases/download';

/** Istio's names of what Node calls a platform and an architecture (istio/release-builder, pkg/build/archive.go). */
const builds: Readonly<Record<string, string>> = {
  'linux x64': 'linux-amd64',
  'linux arm64': 'linux-arm64',
  'linux arm': 'linux-armv7',
  'darwin x64': 'osx-amd64',
  'darwin arm64': 'osx-arm64',
};

/**
 * The URL of the archive that contains only istioctl; the file with its sum has the same name plus `.sha256`.
 * @throws UpgradeError ISTIOCTL_NOT_FOR_PLATFORM also on Windows, on which this Action is not tested
 */
export function istioctlArchive({ version, mirror = officialMirror, platform, arch }: ArchiveWanted): string {
  const build = builds[`${platform} ${arch}`];
  if (build === undefined) throw IstioctlNotForPlatform.of(platform, arch);
  return `${mirror.replace(/\/+$/, '')}/${version}/istioctl-${version}-${build}.tar.gz`;
}

export interface ArchiveWanted {
  version: string;
  mirror?: string | undefined;
  /** As `process.platform`. */
  platform: string;
  /** As `process.arch`. */
  arch: string;
}
