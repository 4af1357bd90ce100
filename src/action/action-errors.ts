import { defineError } from '../model/upgrade-error.ts';

const NOTHING = 'Nothing was read from the cluster and nothing was changed.';
const BY_HAND = 'install istioctl in an earlier step and give its path as input istioctl';

export const IstioctlNotForPlatform = defineError({
  code: 'ISTIOCTL_NOT_FOR_PLATFORM',
  title: 'Istio releases no istioctl for this runner.',
  cause: 'The runner has an operating system or a processor for which Istio publishes no istioctl.',
  message: (platform: string, arch: string) =>
    `This Action cannot download istioctl for ${platform} on ${arch}, only for Linux (amd64, arm64, armv7) and macOS (amd64, arm64).`,
  hint: `Run the job on a Linux runner, for example ubuntu-latest, or ${BY_HAND}.`,
  actor: 'workflow author',
  state: NOTHING,
  exit: 'usage',
  blames: 'person',
});

export const IstioctlDownloadFailed = defineError({
  code: 'ISTIOCTL_DOWNLOAD_FAILED',
  title: 'istioctl cannot be downloaded.',
  cause: 'The release does not exist, or the network of the runner does not reach the server or the mirror.',
  message: (url: string, reason: string) => `Cannot fetch ${url}: ${reason}.`,
  hint: `Check that the release exists and that the runner reaches the server (https_proxy is used). Else name a mirror as input istioctl-mirror, or ${BY_HAND}.`,
  actor: 'workflow author',
  state: NOTHING,
  exit: 'usage',
  blames: 'surroundings',
});

export const IstioctlChecksumUnknown = defineError({
  code: 'ISTIOCTL_CHECKSUM_UNKNOWN',
  title: 'The checksum that the archive of istioctl must have is unknown.',
  cause: 'The mirror has no .sha256 file beside the archive, or it cannot be read.',
  message: (url: string, reason: string) => `Cannot read a SHA-256 sum from ${url}: ${reason}.`,
  hint: 'Put the .sha256 file of the Istio release on the mirror, beside the archive, or write the sum as input istioctl-sha256.',
  actor: 'workflow author',
  state: NOTHING,
  exit: 'usage',
  blames: 'person',
});

export const IstioctlChecksumWrong = defineError({
  code: 'ISTIOCTL_CHECKSUM_WRONG',
  title: 'The archive of istioctl has the wrong checksum.',
  cause:
    'The mirror serves another file than the release, the download was changed in transit, or input istioctl-sha256 is wrong.',
  message: (url: string, actual: string, expected: string, source: string) =>
    `${url} has the SHA-256 sum ${actual}; ${source} says ${expected}.`,
  hint: 'Compare with the .sha256 file of the release on GitHub. If the mirror differs from it, do not use what it serves; if input istioctl-sha256 does, correct it.',
  actor: 'workflow author',
  state: `The archive was deleted and not unpacked. ${NOTHING}`,
  exit: 'usage',
  blames: 'surroundings',
});

export const IstioctlWrongVersion = defineError({
  code: 'ISTIOCTL_WRONG_VERSION',
  title: 'istioctl has the wrong version.',
  cause:
    'The mirror serves another version under this address, or input istioctl is the path of another version than target.version.',
  message: (origin: string, actual: string, expected: string) =>
    `istioctl from ${origin} says that it is ${actual}, and ${expected} is needed.`,
  hint: 'Correct what the mirror serves under this version, or target.version in the config.',
  actor: 'workflow author',
  state: NOTHING,
  exit: 'usage',
  blames: 'person',
});
