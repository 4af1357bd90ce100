import { join } from 'node:path';
import { cacheFolder } from '../lab/places.ts';

/** What the containers keep, beside the lab's binaries. */
export function containerPlaces(env: NodeJS.ProcessEnv) {
  const folder = join(cacheFolder(env), '..', 'containers');
  return {
    folder,
    /** Debian's files for programs in containers: libraries and iptables. */
    appRoot: join(folder, 'debian-app'),
    /** Debian's files for machines: systemd, containerd and the Docker engine. The engine runs in it. */
    machineRoot: join(folder, 'debian-machine'),
    envoy: join(folder, 'envoy'),
    /** Images and containers of the engine. */
    data: join(folder, 'docker'),
    /** Written when every image is made. */
    imagesStamp: join(folder, 'images.json'),
    /** For PATH: docker, kind and kubectl. */
    commands: join(folder, 'bin'),
    /** A tool cache with the istioctl of each release, in the layout of GitHub's runners. */
    tools: join(folder, 'tools'),
    /** Which process holds the engine. */
    record: join(folder, 'engine.json'),
    lock: join(folder, 'lock'),
    logs: join(folder, 'logs'),
    // On disk, so that it can be reached from every mount namespace.
    socket: join(folder, 'docker.sock'),
  };
}

export type ContainerPlaces = ReturnType<typeof containerPlaces>;
