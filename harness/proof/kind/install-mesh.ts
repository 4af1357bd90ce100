import { waitUntil } from '../lab/wait-until.ts';
import type { Cluster } from './cluster.ts';
import type { Release } from './hop.ts';
import { installSettings } from './images.ts';
import type { Run } from './kind-cli.ts';
import { manifestWorkloads, meshObjects } from './manifests.ts';
import { RequestsNotCounted, readRequests, type SeenRequests, valuesByTarget } from './requests.ts';
import type { World } from './world.ts';

export interface Mesh {
  /** All that was sent until now, as soon as Prometheus has seen it. */
  requests(): Promise<readonly SeenRequests[]>;
}

export interface MeshOptions {
  world: World;
  run: Run;
  from: Release;
  istioctl: string;
  signal: AbortSignal;
  tell: (line: string) => void;
  sleep: (ms: number) => Promise<void>;
}

const READY_WITHIN_MS = 300_000;
const SERVED_WITHIN_MS = 180_000;

/**
 * Installs the old control plane, whose installer takes the tag `default`, and all that the manifests hold. Resolves when every
 * pod is ready, Prometheus has seen each proxy, and requests to every workload are served without a failure.
 * @throws what a command failed with; DeadlinePassed
 */
export async function installMesh(cluster: Cluster, options: MeshOptions): Promise<Mesh> {
  const { world, run, from, istioctl, signal, tell, sleep } = options;
  const kubectl = [world.kubectl, '--kubeconfig', cluster.kubeconfig];
  tell(`installing Istio ${from.version}`);
  const settings = ['profile=minimal', ...installSettings].flatMap((pair) => ['--set', pair]);
  const install = [istioctl, 'install', '-y', '--kubeconfig', cluster.kubeconfig, '--revision', from.revision];
  await run([...install, ...settings, '--readiness-timeout', `${READY_WITHIN_MS / 1000}s`], {
    timeoutMs: READY_WITHIN_MS + 30_000,
  });
  tell('starting workloads, gateway, load and Prometheus');
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: meshObjects() });
  await run([...kubectl, 'apply', '--server-side', '-f', '-'], { input, timeoutMs: 60_000 });
  for (const { kind, namespace, name } of manifestWorkloads())
    await run(
      [
        ...kubectl,
        'rollout',
        'status',
        `${kind}/${name}`,
        '--namespace',
        namespace,
        `--timeout=${READY_WITHIN_MS / 1000}s`,
      ],
      { timeoutMs: READY_WITHIN_MS + 10_000 },
    );

  const ask = (promql: string) => {
    const path = '/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query';
    return run([...kubectl, 'get', '--raw', `${path}?query=${encodeURIComponent(promql)}`], { timeoutMs: 20_000 });
  };
  const requests = () => readRequests(world.requests, async (promql) => valuesByTarget(await ask(promql)));
  tell('waiting until every workload is served');
  const patience = { deadlineMs: SERVED_WITHIN_MS, everyMs: world.scrapeMs, signal };
  await waitUntil('Prometheus to answer', () => answers(ask, tell), patience);
  await waitUntil('Prometheus to have seen every proxy twice', () => areScraped(ask, kubectl, run), patience);
  let earlier: readonly SeenRequests[] = [];
  await waitUntil(
    'a while in which every workload is served',
    async () => {
      const before = earlier;
      earlier = await requests().catch(uncounted);
      return before.length > 0 && earlier.length > 0 && earlier.every((each, index) => isServed(before[index], each));
    },
    { ...patience, everyMs: 3 * world.scrapeMs },
  );
  return {
    requests: async () => {
      await sleep(2 * world.scrapeMs);
      return await requests();
    },
  };
}

/** Until all are counted, the beginning is not over. */
function uncounted(failure: unknown): [] {
  if (failure instanceof RequestsNotCounted) return [];
  throw failure;
}

const isServed = (before: SeenRequests | undefined, now: SeenRequests): boolean =>
  before !== undefined && now.sent > before.sent && now.failed === before.failed;

/** Its pod is ready before the API server knows its address. */
async function answers(ask: (promql: string) => Promise<string>, tell: (line: string) => void): Promise<boolean> {
  try {
    await ask('vector(1)');
    return true;
  } catch (failure) {
    tell(`Prometheus does not answer yet: ${failure instanceof Error ? failure.message : String(failure)}`);
    return false;
  }
}

/** A gate needs two samples of a counter to see traffic. */
async function areScraped(
  ask: (promql: string) => Promise<string>,
  kubectl: readonly string[],
  run: Run,
): Promise<boolean> {
  const listed = await run([...kubectl, 'get', 'pods', '--all-namespaces', '--output', 'json'], { timeoutMs: 30_000 });
  const { items } = JSON.parse(listed) as { items: { metadata: { annotations?: Record<string, string> } }[] };
  const proxies = items.filter(
    ({ metadata }) => metadata.annotations?.['sidecar.istio.io/status'] !== undefined,
  ).length;
  const query = `count(count_over_time(istio_build{component="proxy"}[2m]) >= 2) >= ${proxies} and on() count(pilot_info)`;
  const { data } = JSON.parse(await ask(query)) as { data: { result: readonly unknown[] } };
  return proxies > 0 && data.result.length > 0;
}
