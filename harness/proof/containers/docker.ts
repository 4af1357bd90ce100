import { join } from 'node:path';
import { execa } from 'execa';
import { BuildFailed } from '../lab/lab-errors.ts';
import type { ContainerPlaces } from './places.ts';

/** The commands of Docker that building the images and stopping clusters need. Every one speaks to our own engine. */
export interface Docker {
  env: NodeJS.ProcessEnv;
  answers(): Promise<boolean>;
  /** @returns its standard output. @throws BuildFailed with what it wrote */
  run(args: readonly string[], options?: { timeoutMs?: number; signal?: AbortSignal | undefined }): Promise<string>;
  /** Makes an image of a folder's files, without `excluded` paths. */
  importFolder(folder: string, image: string, excluded: readonly string[]): Promise<void>;
  /** Copies images out of the engine into the containerd of a running container. */
  copyImages(images: readonly string[], container: string): Promise<void>;
  removeContainers(): Promise<void>;
}

const minutes = (count: number) => count * 60_000;

export function dockerCli({ machineRoot, socket, folder }: ContainerPlaces, outer: NodeJS.ProcessEnv): Docker {
  const file = join(machineRoot, 'usr/bin/docker');
  // BuildKit is not in Debian's package. The user's own Docker config is not read.
  const env = { PATH: outer['PATH'], HOME: folder, DOCKER_HOST: `unix://${socket}`, DOCKER_BUILDKIT: '0' };
  const options = { env, extendEnv: false, stdin: 'ignore' } as const;
  const run: Docker['run'] = async (args, { timeoutMs = minutes(2), signal } = {}) => {
    const cancel = signal && { cancelSignal: signal };
    const { failed, stdout, all } = await execa(file, args, {
      ...options,
      ...cancel,
      timeout: timeoutMs,
      reject: false,
      all: true,
    });
    signal?.throwIfAborted();
    if (failed) throw new BuildFailed(`docker ${args.slice(0, 3).join(' ')}`, all.split('\n').slice(-15).join('\n'));
    return stdout;
  };
  return {
    env,
    answers: async () => {
      const { failed } = await execa(file, ['version'], { ...options, reject: false, timeout: 5_000 });
      return !failed;
    },
    run,
    importFolder: async (source, image, excluded) => {
      const tar = ['--create', '--directory', source, ...excluded.map((path) => `--exclude=./${path}`), '.'];
      await execa('tar', tar, { ...options, buffer: false, encoding: 'buffer', timeout: minutes(5) }).pipe(
        file,
        ['import', '-', image],
        { ...options, stdin: 'pipe', timeout: minutes(5) },
      );
    },
    copyImages: async (images, container) => {
      const ctr = ['ctr', '--namespace=k8s.io', 'images', 'import', '--label=io.cri-containerd.pinned=pinned'];
      await execa(file, ['save', ...images], {
        ...options,
        buffer: false,
        encoding: 'buffer',
        timeout: minutes(5),
      }).pipe(file, ['exec', '--interactive', container, ...ctr, '--all-platforms', '--no-unpack', '--digests', '-'], {
        ...options,
        stdin: 'pipe',
        timeout: minutes(5),
      });
    },
    removeContainers: async () => {
      const ids = (await run(['ps', '--all', '--quiet'])).split('\n').filter((id) => id !== '');
      if (ids.length > 0) await run(['rm', '--force', '--volumes', ...ids]);
    },
  };
}
