import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kind } from './kind-cli.ts';
import { KindRefused } from './kind-refused.ts';

/** A cluster that this process made, and that is in no other kubeconfig. */
export interface Cluster {
  name: string;
  kubeconfig: string;
  /** Of this cluster alone, gone with it: kubeconfig, config, reports. */
  folder: string;
  /** Keeps the logs of its nodes, then deletes it. Throws if it may still be there. */
  close(): Promise<void>;
}

export interface ClusterWanted {
  name: string;
  image: string;
  /** Where `kind export logs` puts them. */
  logs: string;
  tell: (line: string) => void;
}

/**
 * Makes a cluster. Whatever happens meanwhile, also an interruption, it is deleted again; one that was there before is not touched.
 * @throws KindRefused if the name is taken; what kind failed with
 */
export async function openCluster(kind: Kind, { name, image, logs, tell }: ClusterWanted): Promise<Cluster> {
  if ((await kind.clusters()).includes(name)) throw new KindRefused(`there is a kind cluster ${name} already`);
  const folder = mkdtempSync(join(tmpdir(), 'kind-rehearsal-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const close = async () => {
    try {
      await keepLogs(kind, name, logs, tell);
      await kind.remove(name, kubeconfig);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  try {
    await kind.create({ name, image, kubeconfig });
  } catch (failure) {
    // A kind that was interrupted or failed leaves its containers.
    await close();
    tell(`no cluster was created; the logs of its node are in ${logs}`);
    throw failure;
  }
  return { name, kubeconfig, folder, close };
}

/** They tell about a failure; that they are missing is none, and must not keep the cluster. */
async function keepLogs(kind: Kind, name: string, folder: string, tell: (line: string) => void): Promise<void> {
  mkdirSync(folder, { recursive: true });
  try {
    await kind.exportLogs(name, folder);
  } catch (failure) {
    tell(`the logs of ${name} could not be kept: ${failure instanceof Error ? failure.message : String(failure)}`);
  }
}
