import type { Cluster } from '../kind/cluster.ts';
import type { Run } from '../kind/kind-cli.ts';
import { parseAccessLine } from '../kind/requests.ts';
import { waitUntil } from '../lab/wait-until.ts';
import { CALLS, clientObject, clientOf, commonObjects, NAMESPACE, objectsOf } from './objects.ts';
import { lossesOf, type Measured, type Restart } from './table.ts';
import type { Variant } from './variants.ts';

export interface MeasureOptions {
  cluster: Cluster;
  run: Run;
  signal: AbortSignal;
  tell: (line: string) => void;
  sleep: (ms: number) => Promise<void>;
  /** Restarts of each variant. */
  restarts: number;
  perSecond: number;
  /** How many variants are measured side by side. */
  atOnce: number;
}

const READY_WITHIN_MS = 300_000;
const GONE_WITHIN_MS = 180_000;
/** A request that began before the last old pod was gone has its answer, and its line, by then. */
const SETTLE_MS = 1_500;
/** So long every request is served before the first restart. */
const QUIET_MS = 2_000;

/**
 * Starts a server for each variant, restarts it under the load of a client, and deletes it; a few variants at once.
 * @throws what a command failed with; DeadlinePassed
 */
export async function measureRestarts(
  variants: readonly Variant[],
  options: MeasureOptions,
): Promise<readonly Measured[]> {
  const { run, cluster, tell } = options;
  const kubectl = (...words: string[]) => ['kubectl', '--kubeconfig', cluster.kubeconfig, ...words];
  const apply = async (items: readonly object[]) => {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await run(kubectl('apply', '--server-side', '-f', '-'), { input, timeoutMs: 60_000 });
  };
  await apply(commonObjects());
  const measured = new Map<Variant, Measured>();
  const waiting = [...variants];
  const lane = async () => {
    for (let variant = waiting.shift(); variant !== undefined; variant = waiting.shift()) {
      const one = await measureOne(variant, { apply, kubectl, ...options });
      measured.set(variant, one);
      tell(`${variant.name}: ${JSON.stringify(one.restarts)}`);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, lane));
  return variants.flatMap((variant) => measured.get(variant) ?? []);
}

interface Tools extends MeasureOptions {
  apply(objects: readonly object[]): Promise<void>;
  kubectl(...words: string[]): string[];
}

async function measureOne(variant: Variant, tools: Tools): Promise<Measured> {
  const { apply, kubectl, run, cluster, perSecond } = tools;
  await apply(objectsOf(variant));
  const here = ['--namespace', NAMESPACE];
  const available = ['--for=condition=Available', `--timeout=${READY_WITHIN_MS / 1000}s`];
  await run(kubectl('wait', 'deployment', variant.name, ...here, ...available), {
    timeoutMs: READY_WITHIN_MS + 10_000,
  });
  await apply([clientObject(variant, perSecond)]);
  const client = clientOf(variant);
  const log = () =>
    run(['docker', 'exec', `${cluster.name}-control-plane`, 'cat', `${CALLS}/${variant.name}.jsonl`], {
      timeoutMs: 30_000,
    });
  await untilServed(variant, log, tools);
  const restarts: Restart[] = [];
  while (restarts.length < tools.restarts) restarts.push(await restart(variant, tools));
  const measured = { variant, restarts: lossesOf(await log(), restarts) };
  await run(kubectl('delete', 'pod', client.name, '--namespace', client.namespace, '--wait=false'), {
    timeoutMs: 30_000,
  });
  // The node has two cores for what is measured next.
  await run(kubectl('delete', 'deployment', variant.name, ...here, '--wait=false'), { timeoutMs: 30_000 });
  return measured;
}

async function untilServed(
  { name }: Variant,
  log: () => Promise<string>,
  { signal, perSecond, run, cluster }: MeasureOptions,
): Promise<void> {
  const exists = async () => {
    const list = ['docker', 'exec', `${cluster.name}-control-plane`, 'ls', CALLS];
    return (await run(list, { timeoutMs: 30_000 }).catch(() => '')).split('\n').includes(`${name}.jsonl`);
  };
  await waitUntil(
    `the requests to ${name} to be served`,
    async () => {
      if (!(await exists())) return false;
      const since = Date.now() - QUIET_MS;
      const recent = (await log())
        .split('\n')
        .flatMap(parseAccessLine)
        .filter(({ at }) => at >= since);
      const enough = (perSecond * QUIET_MS) / 1000 / 2;
      return recent.length >= enough && recent.every(({ failure }) => failure === undefined);
    },
    { deadlineMs: 60_000, everyMs: 500, signal },
  );
}

interface Listed {
  items: readonly { metadata: { name: string } }[];
}

async function restart({ name }: Variant, { kubectl, run, sleep }: Tools): Promise<Restart> {
  const here = ['--namespace', NAMESPACE];
  const list = kubectl('get', 'pods', ...here, '--selector', `app=${name}`, '--output', 'json');
  const { items } = JSON.parse(await run(list, { timeoutMs: 30_000 })) as Listed;
  const old = items.map(({ metadata }) => `pod/${metadata.name}`);
  const began = Date.now();
  await run(kubectl('rollout', 'restart', `deployment/${name}`, ...here), { timeoutMs: 30_000 });
  // The new ones are ready then: none may be unavailable.
  const gone = ['--for=delete', `--timeout=${GONE_WITHIN_MS / 1000}s`];
  await run(kubectl('wait', ...old, ...here, ...gone), { timeoutMs: GONE_WITHIN_MS + 10_000 });
  const ended = Date.now();
  await sleep(SETTLE_MS);
  return { began, gone: ended, until: ended + SETTLE_MS / 2 };
}
