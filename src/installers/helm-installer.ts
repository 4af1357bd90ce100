import { parseManifest } from '../istioctl/parse-manifest.ts';
import type { ReleaseName } from '../model/release-name.ts';
import type { Helm } from '../ports/helm.ts';
import type { Install, Installer } from '../ports/installer.ts';
import { failure, type HelmCalls, read } from './helm-calls.ts';
import { helmReleases } from './helm-releases.ts';
import { helmPairs, helmValues } from './helm-values.ts';

/** Where a chart is: what helm takes as its CHART, and for a repository that is named by its URL, that URL. */
interface ChartPlace {
  reference: string;
  repository?: string;
}

export interface Charts {
  base: ChartPlace;
  istiod: ChartPlace;
}

/** Of the chart base; only for this object the chart and `istioctl tag set` write the same fields. */
const validator = 'istiod-default-validator';

/** Installs each istiod as a separate release, and removes it by removing that release. */
export function helmInstaller(
  calls: HelmCalls,
  charts: Charts,
  istioNamespace: string,
  helm: Helm = helmReleases(calls),
): Installer {
  const withChart = async (words: readonly string[], install: Install): Promise<{ args: string[]; stdin: string }> => {
    const { name, namespace } = releaseIn(install);
    return {
      args: [
        ...[...words, name, ...chartArguments(charts.istiod, install.version), '-n', namespace, '-f', '-'],
        ...helmPairs(install.set).flatMap((pair) => ['--set', pair]),
        ...['--set', `global.istioNamespace=${istioNamespace}`, '--set', `revision=${install.revision}`],
      ],
      stdin: await helmValues(install),
    };
  };
  const removeRelease = async ({ name, namespace }: ReleaseName) =>
    await calls.succeed(['uninstall', name, '-n', namespace, '--ignore-not-found']);

  return {
    preview: async (install) => {
      const { args, stdin } = await withChart(['template'], install);
      return read(await calls.succeed(args, stdin), parseManifest);
    },

    // It does not wait for the pods: the stage does, and what is killed meanwhile stays `pending-install`.
    install: async (install) => {
      const release = releaseIn(install);
      const status = (await helm.release(release))?.status;
      const isWhole = status === 'deployed' || status === 'failed';
      // Helm does not go on with what was killed; nothing uses an istiod that is installed again.
      if (status !== undefined && !isWhole) await removeRelease(release);
      const { args, stdin } = await withChart(isWhole ? ['upgrade', '--reset-values'] : ['install'], install);
      await calls.succeed(args, stdin);
    },

    upgradeDefinitions: async ({ release, version, defaultRevision }) => {
      const { name, namespace } = release;
      const held = (await helm.release(release))?.objects ?? [];
      // The chart writes the validator too. What it points to now is no value of the release if a tag was moved since.
      const hasValidator = held.some((object) => object.name === validator);
      const args = [
        ...['upgrade', name, ...chartArguments(charts.base, version), '-n', namespace, '--reset-then-reuse-values'],
        ...(hasValidator && defaultRevision !== undefined ? ['--set', `defaultRevision=${defaultRevision}`] : []),
      ];
      const asked = await calls.ask(args);
      if (asked.exitCode === 0) return;
      if (!conflictsOnlyIn(asked.stderr, validator)) throw failure(asked);
      // `istioctl tag set` writes the validator as another field manager. It is written as it is now.
      await calls.succeed([...args, '--force-conflicts']);
    },

    previewRemoval: async ({ release }) => (release && (await helm.release(release))?.objects) ?? [],

    remove: async ({ release }) => {
      if (release === undefined) throw new Error('no release holds the istiod that is to be removed');
      await removeRelease(release);
    },
  };
}

function releaseIn({ release }: Install): ReleaseName {
  if (release === undefined) throw new Error('an install by Helm has no name of a release');
  return release;
}

const chartArguments = ({ reference, repository }: ChartPlace, version: string): readonly string[] => [
  reference,
  ...(repository === undefined ? [] : ['--repo', repository]),
  ...['--version', version],
];

/** `conflict occurred while applying object NAMESPACE/NAME GROUP, Kind=...`, for each object. */
function conflictsOnlyIn(stderr: string, name: string): boolean {
  const objects = [...stderr.matchAll(/conflict occurred while applying object \S*\/(\S+) /g)].map(([, each]) => each);
  return objects.length > 0 && objects.every((each) => each === name);
}
