import type { Config } from '../config/config.ts';
import { CommandUnknown } from '../installers/command-errors.ts';
import { commandInstaller, startIn } from '../installers/command-installer.ts';
import { externalInstaller } from '../installers/external-installer.ts';
import type { Installer, Installers } from '../ports/installer.ts';
import type { Caller } from './caller.ts';
import type { VerbOptions } from './options.ts';

/** The installers of a run: which one is used, its plan says. */
export function installersFor(
  istioctl: Installer,
  mesh: Pick<Config, 'mesh'>['mesh'] | undefined,
  options: Pick<VerbOptions, 'kubeconfig'>,
  context: string,
  env: Caller['env'],
): Installers {
  const adapters = {
    istioctl: () => istioctl,
    external: () => externalInstaller,
    command: () => {
      if (mesh?.installer?.kind !== 'command') throw CommandUnknown.of();
      const { folder, ...commands } = mesh.installer;
      return commandInstaller(
        startIn({ folder, env: toCluster(env, options.kubeconfig, context) }),
        commands,
        mesh.tag,
      );
    },
  } as const satisfies Record<Parameters<Installers>[0], () => Installer>;
  return (kind) => adapters[kind]();
}

/** The commands must reach the cluster that this run works on. Helm and helmfile read both variables. */
const toCluster = (env: Caller['env'], kubeconfig: string | undefined, context: string): Caller['env'] => ({
  ...env,
  ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }),
  ...(context === '' ? {} : { HELM_KUBECONTEXT: context }),
});
