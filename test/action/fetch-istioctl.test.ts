import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchIstioctl, type IstioctlWanted, probeIstioctl } from '../../src/action/fetch-istioctl.ts';
import { type Answer, archiveOf, fakeIstioctl, serveReleases, sha256Of } from './release-server.ts';

const version = '1.31.0';
const folder = `/${version}`;
const archivePath = `${folder}/istioctl-${version}-linux-amd64.tar.gz`;
const sumPath = `${archivePath}.sha256`;
const archive = archiveOf(fakeIstioctl(version));
const sum = sha256Of(archive);

let root: string;
let close: () => Promise<void>;
const before = { cache: process.env['RUNNER_TOOL_CACHE'], temp: process.env['RUNNER_TEMP'] };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fetch istioctl-'));
  mkdirSync(join(root, 'temp'));
  process.env['RUNNER_TOOL_CACHE'] = join(root, 'cache');
  process.env['RUNNER_TEMP'] = join(root, 'temp');
  close = async () => undefined;
});

afterEach(async () => {
  await close();
  restore('RUNNER_TOOL_CACHE', before.cache);
  restore('RUNNER_TEMP', before.temp);
  rmSync(root, { recursive: true, force: true });
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

const healthy = { [archivePath]: archive, [sumPath]: `${sum} istioctl-${version}-linux-amd64.tar.gz\n` };

async function fetched(answers: Record<string, Answer | readonly Answer[]>, wanted: Partial<IstioctlWanted> = {}) {
  await close();
  const server = await serveReleases(answers);
  close = server.close;
  const told: string[] = [];
  const pauses: number[] = [];
  const outcome = await fetchIstioctl({
    version,
    mirror: server.url,
    platform: 'linux',
    arch: 'x64',
    pause: async (ms) => void pauses.push(ms),
    tell: (line) => told.push(line),
    ...wanted,
  }).then(
    (path) => ({ path }),
    (error: unknown) => ({ error }),
  );
  return { ...outcome, requests: server.requests, url: server.url, told, pauses };
}

const cachedBinary = () => join(root, 'cache/istioctl', version, 'x64/istioctl');

function putIntoCache(script: string): void {
  mkdirSync(dirname(cachedBinary()), { recursive: true });
  writeFileSync(cachedBinary(), script);
  chmodSync(cachedBinary(), 0o755);
  writeFileSync(join(root, 'cache/istioctl', version, 'x64.complete'), '');
}

describe('istioctl of a release', () => {
  it('is downloaded, verified, kept in the tool cache and found there the next time', async () => {
    const first = await fetched(healthy);
    expect(first).toMatchObject({ path: cachedBinary(), requests: [archivePath, sumPath], pauses: [] });
    expect(first.told).toEqual([`Downloading ${first.url}${archivePath}`]);
    expect(await probeIstioctl(cachedBinary())).toBe(version);
    expect(readdirSync(join(root, 'temp'))).toEqual([]);

    const second = await fetched({});
    expect(second).toMatchObject({ path: cachedBinary(), requests: [], told: [] });
  });

  it.for([
    { form: 'the sum alone', text: sum },
    { form: 'the sum and the name, one space between', text: `${sum} istioctl.tar.gz\n` },
    { form: 'the sum and the name, two spaces between', text: `${sum}  istioctl.tar.gz\n` },
    { form: 'capital digits and the line end of Windows', text: `${sum.toUpperCase()}\r\n` },
  ])('is verified by a checksum file that holds $form', async ({ text }) => {
    expect(await fetched({ ...healthy, [sumPath]: text })).toMatchObject({ path: cachedBinary() });
  });

  it('needs no checksum file when the checksum is given', async () => {
    const { path, requests } = {
      path: '',
      ...(await fetched({ [archivePath]: archive }, { sha256: sum.toUpperCase() })),
    };
    expect({ path, requests }).toEqual({ path: cachedBinary(), requests: [archivePath] });
  });

  it.for(['/', '//'])('is downloaded from a mirror whose URL ends with %s', async (end) => {
    await fetched(healthy);
    rmSync(join(root, 'cache'), { recursive: true });
    const server = await serveReleases(healthy);
    try {
      const path = await fetchIstioctl({ version, mirror: `${server.url}${end}`, platform: 'linux', arch: 'x64' });
      expect(path).toBe(cachedBinary());
    } finally {
      await server.close();
    }
  });

  it('is downloaded from a mirror that requires a password, which no message shows', async () => {
    const asked: unknown[] = [];
    const guarded: Answer = (request, response) => {
      asked.push(request.headers.authorization);
      response.end(archive);
    };
    const server = await serveReleases({ [archivePath]: guarded });
    close = server.close;
    const mirror = server.url.replace('//', '//reader:s%40cret@');
    const told: string[] = [];
    const wanted = { version, mirror, platform: 'linux', arch: 'x64', tell: (line: string) => told.push(line) };
    const failure = await fetchIstioctl(wanted).catch((error: unknown) => error);
    expect(asked).toEqual([`Basic ${Buffer.from('reader:s@cret').toString('base64')}`]);
    expect(failure).toMatchObject({ code: 'ISTIOCTL_CHECKSUM_UNKNOWN' });
    expect(`${String(failure)} ${told.join()}`).not.toMatch(/s(@|%40)cret/);
  });

  it('is downloaded through redirects', async () => {
    const elsewhere: Answer = (_, response) => response.writeHead(302, { location: '/assets/1' }).end();
    const answers = { ...healthy, [archivePath]: elsewhere, '/assets/1': archive };
    expect(await fetched(answers)).toMatchObject({
      path: cachedBinary(),
      requests: [archivePath, '/assets/1', sumPath],
    });
  });

  it('is requested again after a transient failure of the server', async () => {
    const { requests, pauses, ...rest } = await fetched({ ...healthy, [archivePath]: [503, 429, archive] });
    expect(rest).toMatchObject({ path: cachedBinary() });
    expect(requests).toEqual([archivePath, archivePath, archivePath, sumPath]);
    expect(pauses).toEqual([2_000, 8_000]);
  });
});

describe('an istioctl in the tool cache', () => {
  it.for([
    { what: 'does not run', script: '#!/bin/sh\nexit 1\n', why: 'ended with exit code 1' },
    {
      what: 'is of another release',
      script: fakeIstioctl('1.30.4'),
      why: 'says that it is 1.30.4, and 1.31.0 is needed',
    },
    { what: 'says nothing that we know', script: '#!/bin/sh\necho hello\n', why: 'cannot be read' },
  ])('is deleted and fetched again when it $what', async ({ script, why }) => {
    putIntoCache(script);
    const { told, ...rest } = await fetched(healthy);
    expect(rest).toMatchObject({ path: cachedBinary(), requests: [archivePath, sumPath] });
    expect(told[0]).toContain(why);
    expect(await probeIstioctl(cachedBinary())).toBe(version);
  });

  it('is not used without its completion marker', async () => {
    putIntoCache(fakeIstioctl(version));
    rmSync(join(root, 'cache/istioctl', version, 'x64.complete'));
    expect(await fetched({})).toMatchObject({ error: { code: 'ISTIOCTL_DOWNLOAD_FAILED' } });
  });

  it('is used for a given checksum only if its archive had that checksum', async () => {
    putIntoCache(fakeIstioctl(version));
    const first = await fetched({ [archivePath]: archive }, { sha256: sum });
    expect(first).toMatchObject({ path: cachedBinary(), requests: [archivePath] });
    expect(first.told[0]).toContain('comes from another archive');
    expect(await fetched({}, { sha256: sum })).toMatchObject({ path: cachedBinary(), requests: [] });
  });
});

describe('a download of istioctl is refused', () => {
  const other = 'a'.repeat(64);
  const cutShort: Answer = (_, response) => {
    response.writeHead(200, { 'content-length': archive.length });
    response.write(archive.subarray(0, 100), () => response.destroy());
  };
  const wrongTar = archiveOf(fakeIstioctl(version), 'istiod');
  const wrongRelease = archiveOf(fakeIstioctl('1.30.4'));
  const noArchive = Buffer.from('<html>please log in</html>');
  const broken = archiveOf('#!/bin/sh\nexit 1\n');

  it.for([
    {
      when: 'its sum is not the one that the mirror names',
      answers: { [archivePath]: archive, [sumPath]: other },
      code: 'ISTIOCTL_CHECKSUM_WRONG',
      message: `has the SHA-256 sum ${sum}; the mirror's .sha256 file says ${other}.`,
    },
    {
      when: 'it ends too early without an error',
      answers: { ...healthy, [archivePath]: archive.subarray(0, 100) },
      code: 'ISTIOCTL_CHECKSUM_WRONG',
      message: sum,
    },
    {
      when: 'the connection breaks again and again',
      answers: { ...healthy, [archivePath]: cutShort },
      code: 'ISTIOCTL_DOWNLOAD_FAILED',
      message: archivePath,
    },
    {
      when: 'there is no such release',
      answers: {},
      code: 'ISTIOCTL_DOWNLOAD_FAILED',
      message: `${archivePath}: the server answers with status 404.`,
    },
    {
      when: 'the server is ill',
      answers: { [archivePath]: 500 },
      code: 'ISTIOCTL_DOWNLOAD_FAILED',
      message: 'status 500.',
    },
    {
      when: 'there is no sum',
      answers: { [archivePath]: archive },
      code: 'ISTIOCTL_CHECKSUM_UNKNOWN',
      message: `${sumPath}: it cannot be fetched, the server answers with status 404.`,
    },
    {
      when: 'the file with the sum holds something else',
      answers: { ...healthy, [sumPath]: '<html></html>' },
      code: 'ISTIOCTL_CHECKSUM_UNKNOWN',
      message: 'it does not begin with one.',
    },
    {
      when: 'it is no archive',
      answers: { [archivePath]: noArchive, [sumPath]: sha256Of(noArchive) },
      code: 'ISTIOCTL_DOWNLOAD_FAILED',
      message: 'tar finds no istioctl in it: ',
    },
    {
      when: 'it holds no istioctl',
      answers: { [archivePath]: wrongTar, [sumPath]: sha256Of(wrongTar) },
      code: 'ISTIOCTL_DOWNLOAD_FAILED',
      message: 'tar: istioctl: Not found in archive',
    },
    {
      when: 'it holds that of another release',
      answers: { [archivePath]: wrongRelease, [sumPath]: sha256Of(wrongRelease) },
      code: 'ISTIOCTL_WRONG_VERSION',
      message: 'says that it is 1.30.4, and 1.31.0 is needed.',
    },
    {
      when: 'it holds one that does not run',
      answers: { [archivePath]: broken, [sumPath]: sha256Of(broken) },
      code: 'ISTIOCTL_FAILED',
      message: 'exit code 1',
    },
  ])('when $when', async ({ answers, code, message }) => {
    const { requests: _, ...rest } = await fetched(answers);
    expect(rest).toMatchObject({ error: { code, message: expect.stringContaining(message) } });
    expect(existsSync(cachedBinary())).toBe(false);
    expect(readdirSync(join(root, 'temp'))).toEqual([]);
  });

  it('when its checksum is not the given one, whatever the mirror says', async () => {
    const { error } = { error: undefined, ...(await fetched(healthy, { sha256: other })) };
    expect(error).toMatchObject({
      code: 'ISTIOCTL_CHECKSUM_WRONG',
      message: expect.stringContaining(`input istioctl-sha256 says ${other}.`),
    });
  });

  it('when the server does not answer before the timeout', async () => {
    const { error, pauses } = {
      error: undefined,
      ...(await fetched({ [archivePath]: () => undefined }, { deadlineMs: 50 })),
    };
    expect(error).toMatchObject({
      code: 'ISTIOCTL_DOWNLOAD_FAILED',
      message: expect.stringContaining('it was not complete before the timeout'),
    });
    expect(pauses).toEqual([]);
  });

  it.for([
    { platform: 'win32', arch: 'x64' },
    { platform: 'linux', arch: 's390x' },
    { platform: 'freebsd', arch: 'x64' },
  ])('before any request on $platform $arch, which Istio does not release for', async ({ platform, arch }) => {
    const { requests, ...rest } = await fetched(healthy, { platform, arch });
    expect(rest).toMatchObject({ error: { code: 'ISTIOCTL_NOT_FOR_PLATFORM' } });
    expect(requests).toEqual([]);
  });
});

describe('the archive of istioctl is requested by the name that Istio gives it', () => {
  it.for([
    { platform: 'linux', arch: 'x64', build: 'linux-amd64' },
    { platform: 'linux', arch: 'arm64', build: 'linux-arm64' },
    { platform: 'linux', arch: 'arm', build: 'linux-armv7' },
    { platform: 'darwin', arch: 'x64', build: 'osx-amd64' },
    { platform: 'darwin', arch: 'arm64', build: 'osx-arm64' },
  ])('$platform $arch: $build', async ({ platform, arch, build }) => {
    const { requests } = await fetched({}, { platform, arch });
    expect(requests).toEqual([`/1.31.0/istioctl-1.31.0-${build}.tar.gz`]);
  });
});

describe('a given istioctl', () => {
  const given = (script: string) => {
    const path = join(root, 'my "own" istioctl');
    writeFileSync(path, script);
    chmodSync(path, 0o755);
    return path;
  };

  it('reports its version, wherever it is installed', async () => {
    expect(await probeIstioctl(given(fakeIstioctl('1.30.4')))).toBe('1.30.4');
  });

  it('gets none of the inputs of the Action in its environment', async () => {
    process.env['UPGRADE_INPUTS'] = 'secret';
    try {
      const path = given(`#!/bin/sh\n[ -z "$UPGRADE_INPUTS" ] || exit 1\n${fakeIstioctl(version)}`);
      expect(await probeIstioctl(path)).toBe(version);
    } finally {
      delete process.env['UPGRADE_INPUTS'];
    }
  });

  it.for([
    { what: 'fails', script: '#!/bin/sh\necho "Error: no" >&2; exit 7\n', code: 'ISTIOCTL_FAILED' },
    { what: 'is killed', script: '#!/bin/sh\nkill -9 $$\n', code: 'ISTIOCTL_FAILED' },
    { what: 'is no program', script: '\u007fELF', code: 'ISTIOCTL_FAILED' },
  ])('that $what is refused', async ({ script, code }) => {
    await expect(probeIstioctl(given(script))).rejects.toMatchObject({ code });
  });

  it('that is not there is refused with its path', async () => {
    const path = join(root, 'nowhere');
    const message = `Cannot start ${path}: Unable to locate executable file: ${path}.`;
    await expect(probeIstioctl(path)).rejects.toMatchObject({ code: 'ISTIOCTL_MISSING', message });
  });

  it('that hangs is stopped at the deadline', async () => {
    const pid = join(root, 'pid');
    const path = given(`#!/bin/sh\necho $$ > '${pid}'\nexec sleep 60\n`);
    await expect(probeIstioctl(path, 200)).rejects.toMatchObject({ code: 'ISTIOCTL_TIMEOUT' });
    process.kill(Number(readFileSync(pid, 'utf8')), 'SIGKILL');
  });
});
