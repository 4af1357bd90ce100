import { readJournal } from '../engine/journal.ts';
import type { Caller } from './caller.ts';
import { openCluster, readConfig } from './connect.ts';
import type { VerbOptions } from './options.ts';

/** The release whose istioctl serves both directions. */
export interface TargetRelease {
  version: string;
  /** Of the config, if it names one. */
  istioctl?: string;
}

/**
 * From the config; else from the journal of the upgrade that is under way, which alone knows what to roll back.
 * @returns undefined when there is neither
 */
export async function targetRelease(options: VerbOptions, env: Caller['env']): Promise<TargetRelease | undefined> {
  if (options.config !== undefined) {
    const { version, istioctl } = readConfig(options.config).target;
    return { version, ...(istioctl === 'istioctl' ? {} : { istioctl }) };
  }
  const { cluster, istioNamespace, tag } = openCluster(options, env);
  try {
    const { journal } = await readJournal(cluster, { istioNamespace, tag });
    return journal && { version: journal.plan.versions.to };
  } finally {
    await cluster.close();
  }
}
