import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { BuildOptions } from '../lab/build.ts';
import { PackagesUnreachable } from './packages-unreachable.ts';

/** A folder with a part of Debian, as `debootstrap` makes it from signed packages. */
export interface DebianRoot {
  folder: string;
  title: string;
  packages: readonly string[];
}

const SUITE = 'bookworm';
const DEADLINE_MS = 15 * 60_000;

/** What programs in containers need: iptables for istio-init and kube-proxy, the libraries of Node. */
const appPackages = ['ca-certificates', 'conntrack', 'iptables', 'kmod', 'libatomic1', 'libstdc++6', 'nftables'];

/** The packages of kind's own base image, and an engine. @see https://github.com/kubernetes-sigs/kind/blob/v0.33.0/images/base/Dockerfile */
const machinePackages = [
  ...appPackages,
  ...[
    'systemd',
    'systemd-sysv',
    'dbus',
    'iproute2',
    'ethtool',
    'util-linux',
    'mount',
    'libseccomp2',
    'pigz',
    'fuse-overlayfs',
  ],
  ...['e2fsprogs', 'bash', 'curl', 'jq', 'procps', 'rsync', 'socat', 'ebtables'],
  ...['docker.io', 'containerd', 'runc', 'containernetworking-plugins', 'tini'],
];

export const appRoot = (folder: string): DebianRoot => ({
  folder,
  title: 'Debian for programs',
  packages: appPackages,
});
export const machineRoot = (folder: string): DebianRoot => ({
  folder,
  title: 'Debian for the engine and the node',
  packages: machinePackages,
});

const stampOf = ({ folder }: DebianRoot) => join(folder, 'built-from.json');
const keyOf = ({ packages }: DebianRoot) => JSON.stringify({ suite: SUITE, packages });
const isBuilt = (root: DebianRoot) => existsSync(stampOf(root)) && readFileSync(stampOf(root), 'utf8') === keyOf(root);

/**
 * Makes the folder if it is missing or has other packages. Debian's stable suite changes with its point releases, so versions are
 * not pinned; the archive's signature vouches for them.
 * @throws PackagesUnreachable
 */
export async function buildDebianRoot(root: DebianRoot, { env, tell, signal }: BuildOptions): Promise<void> {
  if (isBuilt(root)) return;
  const { folder, packages, title } = root;
  const building = `${folder}.building`;
  for (const old of [folder, building]) rmSync(old, { recursive: true, force: true });
  const debootstrap = await fetchDebootstrap(dirname(folder), env);
  tell(`building ${title} (about 2 minutes, once)`);
  const args = ['--variant=minbase', `--include=${packages.join(',')}`, SUITE, building];
  const { failed, stdout } = await execa(debootstrap.file, args, {
    env: { ...env, DEBOOTSTRAP_DIR: debootstrap.share },
    extendEnv: false,
    reject: false,
    timeout: DEADLINE_MS,
    ...(signal && { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  if (failed) throw new PackagesUnreachable(title, stdout);
  for (const unneeded of ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/locale', 'usr/share/man'])
    rmSync(join(building, unneeded), { recursive: true, force: true });
  mkdirSync(join(building, 'var/cache/apt/archives/partial'), { recursive: true });
  writeFileSync(join(building, 'built-from.json'), keyOf(root));
  renameSync(building, folder);
}

/** Its package is unpacked, not installed: the machine stays as it is. */
async function fetchDebootstrap(folder: string, env: NodeJS.ProcessEnv): Promise<{ file: string; share: string }> {
  const unpacked = join(folder, 'debootstrap');
  const tool = { file: join(unpacked, 'usr/sbin/debootstrap'), share: join(unpacked, 'usr/share/debootstrap') };
  if (existsSync(tool.file)) return tool;
  const downloads = join(folder, 'debootstrap.download');
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
  try {
    const apt = (args: readonly string[]) =>
      execa('apt-get', args, { cwd: downloads, env, extendEnv: false, timeout: 120_000, reject: false });
    let { failed, stderr } = await apt(['download', 'debootstrap']);
    // A fresh machine has no package lists.
    if (failed) {
      await apt(['update']);
      ({ failed, stderr } = await apt(['download', 'debootstrap']));
    }
    if (failed) throw new PackagesUnreachable('debootstrap', stderr);
    await execa('sh', ['-c', `dpkg-deb -x debootstrap_*.deb '${unpacked}'`], { cwd: downloads, env, extendEnv: false });
  } finally {
    rmSync(downloads, { recursive: true, force: true });
  }
  return tool;
}
