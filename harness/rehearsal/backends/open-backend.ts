import { DEFAULT_HOP, type Hop } from '../../proof/lab/hop.ts';
import { type Lab, startLab } from '../../proof/lab/lab.ts';
import { installSeedMesh } from '../../proof/lab/mesh.ts';
import { SEED_PROXIES } from '../../proof/lab/seed-mesh-objects.ts';
import { waitUntil } from '../../proof/lab/wait-until.ts';
import type { Backend, Conditions, EntryPoint } from '../model/backend.ts';
import { kindBackend } from './kind-backend.ts';
import { labBackend } from './lab-backend.ts';
import { simBackend } from './sim-backend.ts';

export interface OpenOptions {
  tell: (text: string) => void;
  signal: AbortSignal;
  seed: number;
  entryPoint: EntryPoint;
  /** Where what has to be kept of a cluster goes. */
  logs: string;
  /** Left out: the default one. */
  hop?: Hop;
  /** A minor of Kubernetes; left out: the newest that the releases of the default hop support. */
  kubernetes?: string;
}

/** A fresh mesh on a backend, in which nothing has gone wrong yet. */
export async function openBackend(
  name: Backend['name'],
  conditions: Conditions,
  { tell, signal, seed, entryPoint, logs, hop = DEFAULT_HOP, kubernetes }: OpenOptions,
): Promise<Backend> {
  const minor = kubernetes === undefined ? {} : { kubernetes };
  if (name === 'sim') return await simBackend(seed, conditions, tell, { hop });
  if (name === 'kind') return await kindBackend(conditions, { hop, ...minor, entryPoint, tell, signal, logs });
  const releases = [hop.from.version, hop.to.version];
  const lab = await startLab({ releases, ...minor, tell: (line) => tell(`${line}\n`), signal });
  try {
    await installSeedMesh(lab, { from: hop.from, signal });
    await waitUntil('Prometheus to have seen every proxy and istiod twice', () => isScraped(lab), {
      deadlineMs: 60_000,
      signal,
    });
    return await labBackend(lab, hop, entryPoint, conditions, tell);
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** A gate needs two samples of a counter to see traffic. */
async function isScraped(lab: Lab): Promise<boolean> {
  const query = `count(count_over_time(istio_build{component="proxy"}[1m]) >= 2) >= ${SEED_PROXIES} and on() count(pilot_info)`;
  const { stdout } = await lab.exec('promtool', ['query', 'instant', lab.prometheusUrl, query], { timeout: 10_000 });
  return String(stdout).trim() !== '';
}
