import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_KUBERNETES, kubernetesRelease, type LabContents } from './modules.ts';
import { labFiles } from './places.ts';

/** Paths of the programs that users of a lab call. */
export interface LabBinaries {
  kubectl: string;
  promtool: string;
  istioctl(version: string): string;
}

export const labBinaries = (folder: string, kubernetes = DEFAULT_KUBERNETES): LabBinaries => ({
  kubectl: join(folder, kubernetesRelease(kubernetes).name, 'kubectl'),
  promtool: join(folder, 'prometheus', 'promtool'),
  istioctl: (version) => join(folder, `istio-${version}`, 'istioctl'),
});

/** A folder for PATH: `kubectl`, `promtool` and `istioctl-<version>`. */
export function linkCommands(
  stateDir: string,
  { kubectl, promtool, istioctl }: LabBinaries,
  { releases }: Pick<LabContents, 'releases'>,
): void {
  const { commands } = labFiles(stateDir);
  mkdirSync(commands, { recursive: true });
  symlinkSync(kubectl, join(commands, 'kubectl'));
  symlinkSync(promtool, join(commands, 'promtool'));
  for (const version of releases) symlinkSync(istioctl(version), join(commands, `istioctl-${version}`));
}
