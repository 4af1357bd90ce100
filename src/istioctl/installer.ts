import type { Install, Installer } from '../ports/installer.ts';
import { type Asked, failure, type IstioctlCalls, read } from './istioctl-calls.ts';
import { operatorFile } from './operator-file.ts';
import { parseManifest } from './parse-manifest.ts';
import { parseRemovals } from './parse-removals.ts';

/** Installs and removes istiods by `istioctl install` and `istioctl uninstall`. */
export function istioctlInstaller(calls: IstioctlCalls): Installer {
  const { timeouts, istioNamespace } = calls;
  return {
    preview: async (install) => {
      const stdin = await operatorFile(install);
      const args = ['manifest', 'generate', ...installArguments(install, istioNamespace, stdin)];
      return read(await calls.succeed(args, timeouts.localMs, stdin), parseManifest);
    },

    install: async (install) => {
      const stdin = await operatorFile(install);
      const args = [
        ...['install', '-y', ...installArguments(install, istioNamespace, stdin)],
        ...['--readiness-timeout', `${Math.ceil(install.readinessTimeoutMs / 1000)}s`],
      ];
      await calls.succeed(args, install.readinessTimeoutMs + timeouts.writeMs, stdin);
    },

    // The dry run is the only probe that changes nothing.
    previewRemoval: async ({ revision }) => {
      const asked = await calls.ask(['uninstall', '--revision', revision, '--dry-run'], timeouts.readMs);
      if (isGone(asked)) return [];
      if (asked.exitCode !== 0) throw failure(asked);
      return read(asked, parseRemovals);
    },

    remove: async ({ revision }) => {
      const asked = await calls.ask(['uninstall', '--revision', revision, '-y'], timeouts.writeMs);
      if (asked.exitCode !== 0 && !isGone(asked)) throw failure(asked);
    },
  };
}

/** Only istiod and what it needs: gateways are upgraded by stage 4, tags are moved by stage 3. */
function installArguments(
  { revision, set, leavesDefinitions }: Install,
  istioNamespace: string,
  stdin: string | undefined,
): string[] {
  return [
    ...['--set', 'profile=minimal', '--revision', revision],
    // `--istioNamespace` does not reach the charts.
    ...['--set', `values.global.istioNamespace=${istioNamespace}`],
    ...(stdin === undefined ? [] : ['-f', '-']),
    ...set.flatMap((pair) => ['--set', pair]),
    // The last of two wins. What is disabled is pruned by its labels, of which CRDs are exempt: operator/pkg/uninstall/prune.go of 1.30.
    ...(leavesDefinitions === true ? ['--set', 'components.base.enabled=false'] : []),
  ];
}

/** The answer to a second `uninstall`: the revision was removed before, which is no failure of the second call. */
function isGone({ exitCode, stderr }: Asked): boolean {
  return exitCode === 1 && stderr.includes('Error: could not find target revision');
}
