import type { Config } from '../config/config.ts';
import { readJournal } from '../engine/journal.ts';
import type { Caller } from './caller.ts';
import { openCluster } from './connect.ts';
import { findMesh } from './find-mesh.ts';
import type { VerbOptions } from './options.ts';
import { readConfig } from './read-config.ts';

/** The release whose istioctl serves both directions. */
export interface TargetRelease {
  version: string;
  /** Of the config, if it names one. */
  istioctl?: string;
}

/** Of a verb that needs its config. @throws ConfigError; CONFIG_FILE_UNREADABLE */
export const releaseOfConfig = (file: string): TargetRelease => releaseIn(readConfig(file));

/**
 * From the journal of the upgrade that is under way, which alone knows what to roll back; without a journal from the config. The istioctl
 * that the config names is left out when it is meant for another release.
 * @returns undefined when there is neither
 */
export async function releaseToRollBack(options: VerbOptions, env: Caller['env']): Promise<TargetRelease | undefined> {
  const { cluster } = openCluster(options, env);
  try {
    const { mesh, config } = await findMesh(options, cluster);
    const { journal } = await readJournal(cluster, mesh);
    const named = config && releaseIn(config);
    const version = journal?.plan.versions.to;
    return version === undefined || version === named?.version ? named : { version };
  } finally {
    await cluster.close();
  }
}

const releaseIn = ({ target: { version, istioctl } }: Config): TargetRelease => ({
  version,
  ...(istioctl === 'istioctl' ? {} : { istioctl }),
});
