import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One cgroup v1 hierarchy as this process sees it. */
export interface Hierarchy {
  /** The name of its folder in /sys/fs/cgroup. */
  name: string;
  /** What `mount -t cgroup -o` is given. */
  options: string;
  /** The folder of the cgroup that this process is in. */
  here: string;
}

const ROOT = '/sys/fs/cgroup';
const GROUP = 'istio-canary-upgrade-containers';

/** @param text what /proc/self/cgroup says; lines like `4:memory:/path` or `9:name=systemd:/` */
export function hierarchies(
  text = readFileSync('/proc/self/cgroup', 'utf8'),
  isMounted = existsSync as (folder: string) => boolean,
): readonly Hierarchy[] {
  return text
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [, id, controllers = '', path = ''] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
      // 0 is the unified hierarchy of cgroup v2.
      if (id === undefined || id === '0') return [];
      const name = controllers.replace(/^name=/, '');
      const options = controllers.startsWith('name=') ? `none,${controllers}` : controllers;
      return [{ name, options, here: join(ROOT, name, path).replace(/\/$/, '') }];
    })
    .filter(({ here }) => isMounted(here));
}

/**
 * Makes a cgroup for the engine in each hierarchy, below the one that this process is in, so that the machine's accounts stay true.
 * @returns their folders
 */
export function createCgroups(): readonly string[] {
  return hierarchies().map(({ name, here }) => {
    const folder = join(here, GROUP);
    mkdirSync(folder, { recursive: true });
    if (name === 'cpuset')
      for (const file of ['cpuset.cpus', 'cpuset.mems'])
        writeFileSync(join(folder, file), readFileSync(join(here, file), 'utf8'));
    return folder;
  });
}

/** Folders of the engine that are there, empty or not. */
export const leftCgroups = (): readonly string[] =>
  hierarchies()
    .map(({ here }) => join(here, GROUP))
    .filter((folder) => existsSync(folder));

/** Removes what an engine that has ended left. @throws EBUSY while a process is in one */
export function removeCgroups(): void {
  for (const folder of leftCgroups()) removeDepthFirst(folder);
}

function removeDepthFirst(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeDepthFirst(join(folder, entry.name));
  rmdirSync(folder);
}
