import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, type Options, type ResultPromise } from 'execa';
import { openKind } from '../../proof/containers/open-kind.ts';
import { badRelease } from '../../proof/kind/bad-release.ts';
import type { Cluster } from '../../proof/kind/cluster.ts';
import { crashIstiod } from '../../proof/kind/crash-istiod.ts';
import { installMesh, type Mesh } from '../../proof/kind/install-mesh.ts';
import { installSettings } from '../../proof/kind/install-settings.ts';
import type { Run } from '../../proof/kind/kind-cli.ts';
import { manifestNamespaces } from '../../proof/kind/manifests.ts';
import { moreObjects } from '../../proof/kind/more-workloads.ts';
import { DEFAULT_KUBERNETES } from '../../proof/kind/node-images.ts';
import { DEFAULT_HOP, type Hop } from '../../proof/lab/hop.ts';
import type { Backend, Conditions, EntryPoint } from '../model/backend.ts';
import { runByAction } from './action-entry-point.ts';
import { clusterLooks, type ListObjects } from './cluster-looks.ts';
import { KindFaults } from './kind-faults.ts';
import { enforceOnKind, othersOnKind } from './kind-others.ts';
import { overlaid } from './rehearsal-config.ts';
import { runVerb } from './run-verb.ts';

/** What is rehearsed there: the committed bundle, as everybody gets it. */
const main = join(import.meta.dirname, '../../../dist/main.cjs');
const verbTimeoutMs = 30 * 60_000;

interface KindOptions {
  /** A minor of Kubernetes. */
  kubernetes?: string;
  hop?: Hop;
  env?: NodeJS.ProcessEnv;
}

export interface KindPlace extends KindOptions {
  entryPoint: EntryPoint;
  tell: (text: string) => void;
  signal: AbortSignal;
  /** The logs of the node go here. */
  logs: string;
}

/**
 * A cluster of kind with the old release, workloads under load and Prometheus. It is deleted by `close`, and when anything fails or
 * interrupts before. The variable KIND names another executable.
 * @throws KindRefused if something is missing here; what a command failed with; DeadlinePassed
 */
export async function kindBackend(conditions: Conditions, place: KindPlace): Promise<Backend> {
  const { kubernetes = DEFAULT_KUBERNETES, hop = DEFAULT_HOP, signal, logs } = place;
  const tell = (line: string) => place.tell(`${line}\n`);
  const opened = await openKind({ kubernetes, hop, env: place.env ?? process.env, signal, logs, tell });
  const { cluster, images, run, env, istioctl } = opened;
  try {
    const bad = badRelease(conditions.release, hop.to);
    const { workloads, replicas } = conditions.mesh;
    const isBad = conditions.release.errorsFromRun === undefined;
    const objects = [...moreObjects(workloads), ...(isBad ? bad.objects : [])];
    const options = {
      images,
      replicas,
      objects,
      workloads,
      run,
      from: hop.from,
      istioctl: istioctl.from,
      signal,
      tell,
      sleep: pause(signal),
    };
    const mesh = await installMesh(cluster, options);
    await enforceOnKind({ run, kubeconfig: cluster.kubeconfig }, conditions.mesh.podSecurity);
    const settings = [...installSettings, ...images.settings, ...bad.settings];
    return backendOn(cluster, mesh, {
      run,
      env,
      hop,
      istioctl: istioctl.to,
      settings,
      bad: bad.objects,
      place,
      conditions,
    });
  } catch (failure) {
    await cluster.close();
    throw failure;
  }
}

interface Prepared {
  run: Run;
  env: NodeJS.ProcessEnv;
  hop: Hop;
  istioctl: string;
  /** What the new release is installed with. */
  settings: readonly string[];
  /** What makes it fail requests. */
  bad: readonly object[];
  place: KindPlace;
  conditions: Conditions;
}

function backendOn(cluster: Cluster, mesh: Mesh, prepared: Prepared): Backend {
  const { run, hop, istioctl, settings, conditions } = prepared;
  const { entryPoint, tell, signal } = prepared.place;
  const { kubeconfig, folder } = cluster;
  const configFile = join(folder, 'istio-upgrade.yaml');
  writeFileSync(configFile, overlaid(configText(hop, istioctl, settings), conditions.config));
  const list: ListObjects = async <T>(kinds: string, ...where: string[]): Promise<T[]> => {
    const words = ['kubectl', '--kubeconfig', kubeconfig, 'get', kinds, '--output', 'json', ...where];
    return (JSON.parse(await run(words, { timeoutMs: 30_000 })) as { items: T[] }).items;
  };
  const env = { ...prepared.env, KUBECONFIG: kubeconfig, HOME: folder };
  const exec = <O extends Options>(command: string, args: readonly string[], options: O) =>
    execa(command, args, {
      ...options,
      env,
      extendEnv: false,
      cancelSignal: signal,
    } as Options) as unknown as ResultPromise<O>;
  const node = `${cluster.name}-control-plane`;
  const withBad = (how: 'apply' | 'delete') => {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: prepared.bad });
    return run(['kubectl', '--kubeconfig', kubeconfig, how, '-f', '-'], { input, timeoutMs: 60_000 });
  };
  const commandLine = { main, configFile, folder, timeoutMs: verbTimeoutMs, exec };
  const faults = new KindFaults(conditions.faults, {
    begin: async (kind) => {
      // The scenario was refused if it had another one.
      if (kind !== 'istiod-crashes') throw new Error(`kind cannot make the fault ${kind}`);
      return await crashIstiod(run, node, hop.to.revision);
    },
    sleep: pause(signal),
  });
  const made = [...manifestNamespaces(), ...conditions.mesh.workloads.map(({ namespace }) => namespace)];
  return {
    name: 'kind',
    ...hop,
    now: () => Date.now(),
    faultsThatNeverBegan: () => faults.neverBegun,
    run: async (verb, options = {}) => {
      let log = '';
      const watched = (text: string) => {
        log += text;
        faults.see(log);
        tell(text);
      };
      const ran =
        entryPoint === 'cli'
          ? await runVerb(commandLine, verb, watched, options)
          : await runByAction(verb, { workspace: folder, kubeconfig, folder }, { ...options, tell: watched, signal });
      await faults.runEnded();
      // After an interruption no further run is started.
      signal.throwIfAborted();
      return ran;
    },
    change: (wanted) => othersOnKind({ run, kubeconfig, node, oldRevision: hop.from.revision, signal }, wanted),
    breakRelease: async () => void (await withBad('apply')),
    repairRelease: async () => void (await withBad('delete')),
    ...clusterLooks(list, (namespace) => made.includes(namespace)),
    requests: (since) => mesh.requests(since),
    close: () => cluster.close(),
  };
}

/** Times fit for a scrape every five seconds. */
function configText({ to }: Hop, istioctl: string, settings: readonly string[]): string {
  return `mesh: { tag: default }
target: { version: ${to.version}, istioctl: "${istioctl}", set: ${JSON.stringify(settings)} }
gateways: [istio-ingress/istio-ingressgateway]
waves:
  - { name: canary, namespaces: [bar] }
  - { name: rest, namespaces: "*" }
gate:
  prometheus: kubernetes://monitoring/prometheus:9090
  interval: 5s
  settle: 10s
  bake: 20s
  maxBake: 3m
  watch: 10s
  errorRatio: 1%
soak: 10s
pace: { workloadsAtOnce: 4, rolloutTimeout: 5m }
`;
}

const pause = (signal: AbortSignal) => (ms: number) => sleep(ms, undefined, { signal });
