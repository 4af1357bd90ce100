import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DEFAULT_RELEASES } from '../lab/modules.ts';
import type { Engine } from './engine.ts';
import type { ContainerPlaces } from './places.ts';

/** Makes a folder for PATH, and a tool cache in which the Action finds the istioctl of each release without a download. */
export function linkCommands({ commands, machineRoot, tools }: ContainerPlaces, binaries: string): void {
  for (const folder of [commands, tools]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  symlinkSync(join(machineRoot, 'usr/bin/docker'), join(commands, 'docker'));
  symlinkSync(join(binaries, 'kind/kind'), join(commands, 'kind'));
  symlinkSync(join(binaries, 'kubernetes/kubectl'), join(commands, 'kubectl'));
  for (const version of DEFAULT_RELEASES) {
    const folder = join(tools, 'istioctl', version);
    mkdirSync(join(folder, process.arch), { recursive: true });
    symlinkSync(join(binaries, `istio-${version}`, 'istioctl'), join(folder, process.arch, 'istioctl'));
    // @actions/tool-cache takes a folder without this for a broken download.
    writeFileSync(join(folder, `${process.arch}.complete`), '');
  }
}

/** What a command inside the engine's network needs to use it as if Docker and kind were installed. */
export function engineEnvironment({ places, docker }: Engine, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (!existsSync(places.commands)) throw new Error(`${places.commands} is missing: npm run containers -- build`);
  return {
    ...env,
    PATH: [places.commands, env['PATH']].join(delimiter),
    DOCKER_HOST: docker.env['DOCKER_HOST'],
    RUNNER_TOOL_CACHE: places.tools,
  };
}
