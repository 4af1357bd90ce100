import type { Installer } from '../ports/installer.ts';
import type { MeshTool } from '../ports/mesh-tool.ts';
import { istioctlInstaller } from './installer.ts';
import { IstioctlCalls, type IstioctlOptions } from './istioctl-calls.ts';
import { istioctlMeshTool } from './mesh-tool.ts';
import { createProcessRunner, type ProcessRunner, type ProcessRunnerOptions } from './process-runner.ts';

/** The two ports that istioctl serves. */
export interface Istioctl {
  installer: Installer;
  meshTool: MeshTool;
}

export function createIstioctl(options: IstioctlOptions & ProcessRunnerOptions): Istioctl {
  return istioctlOver(createProcessRunner(options), options);
}

/** The same over any runner. */
export function istioctlOver(runner: ProcessRunner, options: IstioctlOptions): Istioctl {
  const calls = new IstioctlCalls(runner, options);
  return { installer: istioctlInstaller(calls), meshTool: istioctlMeshTool(calls) };
}
