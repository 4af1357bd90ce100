import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { Deployments } from '../../../../src/ports/kinds.ts';
import type { WorkloadObject } from '../../../../src/ports/objects.ts';
import type { SeedNamespace } from '../../../rehearsal/sim/seed-mesh.ts';
import { ApiClient } from '../../lab/api-client.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { installIstiod } from '../../lab/mesh.ts';
import type { Reach } from '../../lab/reach.ts';
import { waitUntil } from '../../lab/wait-until.ts';
import type { RolloutRecord } from '../rollout-record.ts';
import { isRolledOut } from '../script/rollout-status.ts';
import { type Creation, creationsOf, ownNamespaceOnly, prometheusAccess } from './size-mesh.ts';

/** As many as a node of the usual size may have; the surge needs room too. */
const podsPerNode = 110;
const podsPlannedPerNode = 80;
const scrapeSeconds = 15;
const creationsAtOnce = 16;
/** What each pod serves: enough for a verdict on one namespace, and little work for the machine. */
const requestsPerSecond = 1;
const readyDeadlineMs = 15 * 60_000;

interface Options {
  tell: (line: string) => void;
  signal: AbortSignal;
}

/** A lab that carries a mesh of any size, and the administrator's own way to its API server. */
interface SizedLab {
  lab: Lab;
  api: ApiClient;
  reach: Reach;
  close(): Promise<void>;
}

/** Resolves when every pod is ready, every proxy is connected, and Prometheus has seen each twice. */
export async function startSizedLab(mesh: readonly SeedNamespace[], { tell, signal }: Options): Promise<SizedLab> {
  const pods = podsOf(mesh);
  const nodes = Math.max(3, Math.ceil(pods / podsPlannedPerNode));
  const lab = await startLab({ tell, signal, size: { nodes, podsPerNode, scrapeSeconds, audit: true } });
  try {
    const reach = await lab.reach();
    const api = apiClientOf(reach);
    await lab.traffic.set({ rps: requestsPerSecond });
    await installIstiod(lab, { tell, signal });
    await api.post(ownNamespaceOnly.path, ownNamespaceOnly.object);
    const { namespaces, workloads } = creationsOf(mesh);
    tell(`creating ${namespaces.length} namespaces and ${workloads.length / 2} workloads with ${pods} pods`);
    await createAll(api, namespaces, signal);
    await createAll(api, [...workloads, ...prometheusAccess()], signal);
    await untilServing(lab, api, { tell, signal }, pods);
    return {
      lab,
      api,
      reach,
      close: async () => {
        await api.close();
        reach.close();
        await lab.stop();
      },
    };
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** Follows the Deployments until aborted. Resolves when the first list has been read. */
export async function recordRollouts(
  api: ApiClient,
  record: RolloutRecord,
  signal: AbortSignal,
): Promise<{ ended: Promise<void> }> {
  const list = async () => {
    const { metadata, items } = await listDeployments(api);
    for (const object of items) record.observe(Deployments, object, Date.now());
    return metadata.resourceVersion;
  };
  // A server that is busy may end a watch at any moment; what it has missed is in the next list.
  const follow = async (first: string) => {
    let version = first;
    while (!signal.aborted) {
      try {
        const path = `${deployments}?watch=1&resourceVersion=${version}`;
        for await (const { type, object } of api.watch<KubernetesObject>(path, signal)) {
          if (type === 'ERROR') break;
          if (type !== 'DELETED') record.observe(Deployments, object, Date.now());
        }
        version = await list();
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  };
  return { ended: follow(await list()) };
}

const deployments = '/apis/apps/v1/deployments';

const listDeployments = (api: ApiClient) =>
  api.get<{ metadata: { resourceVersion: string }; items: WorkloadObject[] }>(deployments);

async function createAll(api: ApiClient, creations: readonly Creation[], signal: AbortSignal): Promise<void> {
  const rest = creations.values();
  const work = async () => {
    for (const { path, object } of rest) {
      signal.throwIfAborted();
      await api.post(path, object);
    }
  };
  await Promise.all(Array.from({ length: creationsAtOnce }, work));
}

async function untilServing(lab: Lab, api: ApiClient, { tell, signal }: Options, pods: number): Promise<void> {
  const patience = { deadlineMs: readyDeadlineMs, everyMs: 3_000, signal };
  const areReady = async () => (await listDeployments(api)).items.every((object) => isRolledOut('Deployment', object));
  await waitUntil('the readiness of every workload', areReady, patience);
  tell('waiting for the proxies to connect');
  // Prometheus' own pod has no proxy.
  const areConnected = async () => (await lab.status()).proxies.connected >= pods - 1;
  await waitUntil('the connection of every proxy', areConnected, patience);
  tell('waiting for Prometheus to have seen every proxy twice');
  const query = `count(count_over_time(istio_build{component="proxy"}[5m]) >= 2) >= ${pods - 1} and on() count(pilot_info)`;
  const areScraped = async () => {
    const asked = await lab.exec('promtool', ['query', 'instant', lab.prometheusUrl, query], { timeout: 30_000 });
    return String(asked.stdout).trim() !== '';
  };
  await waitUntil('Prometheus to have seen every proxy twice', areScraped, patience);
}

export const podsOf = (mesh: readonly SeedNamespace[]): number =>
  mesh.flatMap(({ workloads = [] }) => workloads).reduce((sum, { replicas = 1 }) => sum + replicas, 0);

function apiClientOf({ kubeconfig }: Reach): ApiClient {
  const config = parse(readFileSync(kubeconfig, 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority': string } }];
    users: [{ user: { token: string } }];
  };
  const [{ cluster }] = config.clusters;
  const [{ user }] = config.users;
  return new ApiClient({
    server: cluster.server,
    token: user.token,
    ca: readFileSync(cluster['certificate-authority'], 'utf8'),
  });
}
