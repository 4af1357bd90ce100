import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch as machineArch, platform as machinePlatform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { getExecOutput } from '@actions/exec';
import { cacheDir, find } from '@actions/tool-cache';
import { lastWords } from '../istioctl/last-words.ts';
import { messageOf, UpgradeError } from '../model/upgrade-error.ts';
import {
  IstioctlChecksumUnknown,
  IstioctlChecksumWrong,
  IstioctlDownloadFailed,
  IstioctlWrongVersion,
} from './action-errors.ts';
import { createDownloads, type DownloadOptions, type Downloads } from './download.ts';
import { istioctlArchive } from './istioctl-archive.ts';
import { probeIstioctl } from './probe-istioctl.ts';

export { probeIstioctl } from './probe-istioctl.ts';

export interface IstioctlWanted {
  /** As Istio names its release, `1.31.0`. */
  version: string;
  /** An http or https URL that has a folder for each version. Left out: Istio's releases on GitHub. */
  mirror?: string;
  /** The sum of the archive in hexadecimal digits; outranks the one that the mirror names. */
  sha256?: string;
  /** Those of this machine, if left out. */
  platform?: string;
  arch?: string;
  /** For everything that goes over the network. */
  deadlineMs?: number;
  pause?: DownloadOptions['pause'];
  /** Called with one line for each thing that is done, and why. */
  tell?: (line: string) => void;
}

const tool = 'istioctl';
/** Beside the binary in the cache: the sum of the archive that it came in. */
const sumFile = 'archive.sha256';

/**
 * Finds istioctl of one release in the runner's tool cache, or downloads, verifies and keeps it there.
 * Reads RUNNER_TOOL_CACHE and RUNNER_TEMP, which the runner sets.
 * @returns the path of a binary that has just printed this release as its version
 * @throws UpgradeError ISTIOCTL_NOT_FOR_PLATFORM, ISTIOCTL_DOWNLOAD_FAILED, ISTIOCTL_CHECKSUM_UNKNOWN,
 * ISTIOCTL_CHECKSUM_WRONG, ISTIOCTL_WRONG_VERSION, or what the probe throws
 */
export async function fetchIstioctl(wanted: IstioctlWanted): Promise<string> {
  const { version, mirror, platform = machinePlatform(), arch = machineArch(), tell = () => undefined } = wanted;
  const url = istioctlArchive({ version, mirror, platform, arch });
  const sha256 = wanted.sha256?.toLowerCase();
  const cached = await fromCache({ version, arch, sha256, tell });
  if (cached !== undefined) return cached;

  const folder = join(process.env['RUNNER_TEMP'] ?? tmpdir(), `istioctl-${randomUUID()}`);
  mkdirSync(folder, { recursive: true });
  const signal = AbortSignal.timeout(wanted.deadlineMs ?? 120_000);
  const pause = wanted.pause ?? ((ms, until) => after(ms, undefined, { signal: until }));
  const downloads = createDownloads({ signal, env: process.env, pause });
  try {
    tell(`Downloading ${withoutLogin(url)}`);
    const archive = join(folder, 'archive.tar.gz');
    const actual = await downloads.save(url, archive);
    // After the archive, so that a release that does not exist is reported as such.
    const sum = sha256 ?? (await namedSum(downloads, url));
    if (actual !== sum) {
      const source = sha256 === undefined ? "the mirror's .sha256 file" : 'input istioctl-sha256';
      throw IstioctlChecksumWrong.of(withoutLogin(url), actual, sum, source);
    }
    const unpacked = await unpack(url, archive, join(folder, 'unpacked'));
    await expectRelease(join(unpacked, tool), version, withoutLogin(url));
    writeFileSync(join(unpacked, sumFile), `${sum}\n`);
    return join(await cacheDir(unpacked, tool, version, arch), tool);
  } finally {
    await downloads.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Kept {
  version: string;
  arch: string;
  sha256: string | undefined;
  tell: (line: string) => void;
}

/** A cached binary that does not work, or whose archive has another sum, is replaced by the next download. */
async function fromCache({ version, arch, sha256, tell }: Kept): Promise<string | undefined> {
  const folder = find(tool, version, arch);
  if (folder === '') return undefined;
  const binary = join(folder, tool);
  if (sha256 !== undefined && keptSum(folder) !== sha256) {
    tell(`The istioctl ${version} in the tool cache comes from another archive and is replaced.`);
    return undefined;
  }
  try {
    await expectRelease(binary, version, 'the tool cache');
    return binary;
  } catch (failure) {
    if (!(failure instanceof UpgradeError)) throw failure;
    tell(`The istioctl ${version} in the tool cache does not work and is replaced. ${failure.message}`);
    return undefined;
  }
}

const keptSum = (folder: string): string => {
  const file = join(folder, sumFile);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
};

/** `.sha256` files hold the sum alone, or the sum and the archive's name, as Istio's do. */
async function namedSum(downloads: Downloads, url: string): Promise<string> {
  const place = `${withoutLogin(url)}.sha256`;
  let text: string;
  try {
    text = await downloads.read(`${url}.sha256`);
  } catch (failure) {
    if (!(failure instanceof UpgradeError)) throw failure;
    throw IstioctlChecksumUnknown.because(failure, place, `it cannot be fetched, ${messageOf(failure.cause)}`);
  }
  const sum = /^\s*([0-9a-f]{64})(?:\s|$)/i.exec(text)?.[1];
  if (sum === undefined) throw IstioctlChecksumUnknown.of(place, 'it does not begin with one');
  return sum.toLowerCase();
}

/** With tar itself: `extractTar` of the tool cache prints the output of tar, and unpacks more than the one file. */
async function unpack(url: string, archive: string, folder: string): Promise<string> {
  mkdirSync(folder);
  const args = ['-xzf', archive, '-C', folder, tool];
  const said = await getExecOutput('tar', args, { silent: true, ignoreReturnCode: true });
  if (said.exitCode === 0) return folder;
  throw IstioctlDownloadFailed.of(withoutLogin(url), `tar finds no istioctl in it: ${lastWords(said)}`);
}

async function expectRelease(binary: string, version: string, origin: string): Promise<void> {
  const actual = await probeIstioctl(binary);
  if (actual !== version) throw IstioctlWrongVersion.of(origin, actual, version);
}

/** A mirror's URL may hold a user and a password. */
function withoutLogin(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}
