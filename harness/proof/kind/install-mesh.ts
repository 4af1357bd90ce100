import { type Release, revisionFlags } from '../lab/hop.ts';
import { waitUntil } from '../lab/wait-until.ts';
import type { Cluster } from './cluster.ts';
import type { ImageSource } from './image-source.ts';
import { installSettings } from './install-settings.ts';
import type { Run } from './kind-cli.ts';
import { type ManifestWorkload, manifestWorkloads, meshObjects } from './manifests.ts';
import type { MoreWorkload } from './more-workloads.ts';
import {
  countedUntil,
  failuresOf,
  type SeenRequests,
  sumRequests,
  valuesByTarget,
  withCounts,
  writtenUntil,
} from './requests.ts';
import { SCRAPE_MS } from './scrape.ts';

export interface Mesh {
  /** What each client got since a moment (Unix milliseconds), with what Prometheus counted, as soon as it has scraped. */
  requests(since: number): Promise<readonly SeenRequests[]>;
}

export interface MeshOptions {
  images: ImageSource;
  /** Of each Deployment that is called through the gateway; left out: as the manifests have it. */
  replicas?: number | undefined;
  /** In addition to the manifests. */
  objects: readonly object[];
  workloads: readonly (ManifestWorkload & Partial<Pick<MoreWorkload, 'strategy' | 'replicas' | 'sick'>>)[];
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
 * pod is ready, or as sick as a scenario wants it, Prometheus has seen each proxy, and requests to every workload are served without a failure.
 * @throws what a command failed with; DeadlinePassed
 */
export async function installMesh(cluster: Cluster, options: MeshOptions): Promise<Mesh> {
  const { images, replicas, objects, workloads, run, from, signal, tell, sleep } = options;
  const kubectl = ['kubectl', '--kubeconfig', cluster.kubeconfig];
  await installIstio(cluster, options);
  tell('starting workloads, gateway, load and Prometheus');
  const items = [...meshObjects(images, from, replicas), ...objects];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await run([...kubectl, 'apply', '--server-side', '-f', '-'], { input, timeoutMs: 60_000 });
  for (const workload of [...manifestWorkloads(), ...workloads])
    await run([...kubectl, ...untilReady(workload), `--timeout=${READY_WITHIN_MS / 1000}s`], {
      timeoutMs: READY_WITHIN_MS + 10_000,
    });

  const ask = (promql: string) => {
    const path = '/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query';
    return run([...kubectl, 'get', '--raw', `${path}?query=${encodeURIComponent(promql)}`], { timeoutMs: 20_000 });
  };
  const files = async () => {
    // Each line with the name of its file, as `outside {...}`.
    const script = 'cd /var/log/rehearsal-calls && grep --with-filename "" *.jsonl | sed "s/[.]jsonl:/ /"';
    return await run(['docker', 'exec', `${cluster.name}-control-plane`, 'sh', '-c', script], { timeoutMs: 60_000 });
  };
  tell('waiting until every workload is served');
  const patience = { deadlineMs: SERVED_WITHIN_MS, everyMs: SCRAPE_MS, signal };
  await waitUntil('Prometheus to answer', () => answers(ask, tell), patience);
  await waitUntil('Prometheus to have seen every proxy twice', () => areScraped(ask, kubectl, run), patience);
  await waitUntil(
    'ten seconds in which every client is served',
    async () => sumRequests(await files(), { since: Date.now() - QUIET_MS }).every(isServed),
    patience,
  );
  return {
    requests: async (since) => {
      const until = Date.now();
      await sleep(CALL_ENDS_WITHIN_MS);
      const isWritten = async () => writtenUntil(await files()) * 1000 >= until;
      await waitUntil('the end of every call until now', isWritten, { deadlineMs: 60_000, everyMs: 1_000, signal });
      const count = async (onlyFailed: boolean) => {
        const [before, after] = await Promise.all(
          [since, until].map(async (at) => valuesByTarget(await ask(countedUntil(at / 1000, onlyFailed)))),
        );
        return new Map([...(after ?? [])].map(([target, value]) => [target, value - (before?.get(target) ?? 0)]));
      };
      const counted = { sent: await count(false), failed: await count(true) };
      return withCounts(sumRequests(await files(), { since, until }), counted);
    },
  };
}

/** Installs a control plane with its revision, whose installer takes the tag `default` if nothing has it. */
export async function installIstio(
  { kubeconfig }: Cluster,
  { images, run, from, istioctl, tell }: Pick<MeshOptions, 'images' | 'run' | 'from' | 'istioctl' | 'tell'>,
): Promise<void> {
  tell(`installing Istio ${from.version}`);
  const settings = ['profile=minimal', ...installSettings, ...images.settings].flatMap((pair) => ['--set', pair]);
  const install = [istioctl, 'install', '-y', '--kubeconfig', kubeconfig, ...revisionFlags(from)];
  await run([...install, ...settings, '--readiness-timeout', `${READY_WITHIN_MS / 1000}s`], {
    timeoutMs: READY_WITHIN_MS + 30_000,
  });
}

/** kubectl refuses the rollout of what is replaced only by hand. */
function untilReady({
  kind,
  namespace,
  name,
  strategy,
  replicas,
  sick,
}: MeshOptions['workloads'][number]): readonly string[] {
  const where = [`${kind}/${name}`, '--namespace', namespace];
  if (sick !== undefined) return ['wait', 'pod', `--selector=app=${name}`, '--namespace', namespace, signOf[sick]];
  return strategy === 'OnDelete'
    ? ['wait', ...where, `--for=jsonpath={.status.readyReplicas}=${replicas}`]
    : ['rollout', 'status', ...where];
}

/** How its pod shows what is wrong. The application is the first container, with a native sidecar and with an ordinary one. */
const signOf = {
  crashes: '--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff',
  'no-node': '--for=condition=PodScheduled=False',
} as const satisfies Record<NonNullable<MoreWorkload['sick']>, string>;

/** The longest that fortio waits for an answer. */
const CALL_ENDS_WITHIN_MS = 3_000;
const QUIET_MS = 10_000;

const isServed = (requests: SeenRequests): boolean => requests.sent > 0 && failuresOf(requests) === 0;

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
  const { items } = JSON.parse(listed) as {
    items: { metadata: { annotations?: Record<string, string> }; status: { phase: string } }[];
  };
  const proxies = items.filter(
    ({ metadata, status }) =>
      metadata.annotations?.['sidecar.istio.io/status'] !== undefined && status.phase === 'Running',
  ).length;
  const query = `count(count_over_time(istio_build{component="proxy"}[2m]) >= 2) >= ${proxies} and on() count(pilot_info)`;
  const { data } = JSON.parse(await ask(query)) as { data: { result: readonly unknown[] } };
  return proxies > 0 && data.result.length > 0;
}
