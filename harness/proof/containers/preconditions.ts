import { readFileSync } from 'node:fs';
import { arch } from 'node:os';
import { execa } from 'execa';
import { LabRefused } from '../lab/lab-errors.ts';
import { hierarchies } from './cgroups.ts';

/** No engine can run here, and no Docker answers. One sentence says what is missing. */
class ContainersRefused extends LabRefused {
  override readonly name = 'ContainersRefused';
  constructor(reason: string, options?: ErrorOptions) {
    super(`Containers cannot run here: ${reason}, or install Docker, which is then used instead.`, options);
  }
}

/** Programs of the machine, by the Debian package that has them. */
const tools = [
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['setpriv', 'util-linux'],
  ['gcc', 'gcc and libc6-dev'],
  ['tar', 'tar'],
  ['python3', 'python3 and python3-pip'],
] as const;

/** @throws ContainersRefused with the first precondition that fails */
export async function expectContainers(env: NodeJS.ProcessEnv): Promise<void> {
  if (process.platform !== 'linux' || arch() !== 'x64')
    throw new ContainersRefused(
      `they need Linux on amd64, and this is ${process.platform} on ${arch()}: use such a machine`,
    );
  if (process.getuid?.() !== 0) throw new ContainersRefused('they need mounts and cgroups: run it as root');
  for (const [tool, packages] of tools) {
    const { code } = await execa(tool, ['--version'], { env, extendEnv: false, reject: false, timeout: 10_000 });
    if (code === 'ENOENT') throw new ContainersRefused(`\`${tool}\` is missing: install ${packages}`);
  }
  if (!readFileSync('/proc/filesystems', 'utf8').includes('\toverlay\n'))
    throw new ContainersRefused('the kernel has no overlay file system: load the module `overlay`');
  if (hierarchies().length === 0)
    throw new ContainersRefused(
      'the engine needs cgroup v1 hierarchies in /sys/fs/cgroup: boot with systemd.unified_cgroup_hierarchy=0',
    );
  const trial = ['--net', '--mount', '--pid', '--fork', '--cgroup', '--ipc', '--uts', '--propagation', 'private'];
  const { failed, stderr } = await execa('unshare', [...trial, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
    env,
    extendEnv: false,
    reject: false,
    timeout: 10_000,
  });
  if (failed) throw new ContainersRefused(`namespaces are refused (${stderr.trim()}): in a container add --privileged`);
}
