import type { Config } from '../config/config.ts';
import { usualHelm } from '../config/resolve-config.ts';
import { CommandUnknown } from '../installers/command-errors.ts';
import { commandInstaller, startIn } from '../installers/command-installer.ts';
import { externalInstaller } from '../installers/external-installer.ts';
import { HelmCalls } from '../installers/helm-calls.ts';
import { HelmMissing } from '../installers/helm-errors.ts';
import { helmInstaller } from '../installers/helm-installer.ts';
import { helmReleases } from '../installers/helm-releases.ts';
import { createProcessRunner } from '../istioctl/process-runner.ts';
import type { Helm } from '../ports/helm.ts';
import type { Installer, Installers } from '../ports/installer.ts';
import type { Caller } from './caller.ts';
import type { VerbOptions } from './options.ts';

/** The installers of a run, of which its plan says which one is used; and helm, for what is asked beforehand. */
export function installersFor(
  istioctl: Installer,
  mesh: Config['mesh'] | undefined,
  options: Pick<VerbOptions, 'kubeconfig'>,
  context: string,
  env: Caller['env'],
  istioNamespace: string,
): { installers: Installers; helm: Helm } {
  const { charts, binary, timeoutMs } = mesh?.installer?.kind === 'helm' ? mesh.installer : usualHelm();
  const calls = new HelmCalls(createProcessRunner({ binary, env, missing: HelmMissing.because }), {
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(context === '' ? {} : { context }),
    timeoutMs,
  });
  const adapters = {
    istioctl: () => istioctl,
    helm: () => helmInstaller(calls, charts, istioNamespace),
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
  return { installers: (kind) => adapters[kind](), helm: helmReleases(calls) };
}

/** The commands must reach the cluster that this run works on. Helm and helmfile read both variables. */
const toCluster = (env: Caller['env'], kubeconfig: string | undefined, context: string): Caller['env'] => ({
  ...env,
  ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }),
  ...(context === '' ? {} : { HELM_KUBECONTEXT: context }),
});
