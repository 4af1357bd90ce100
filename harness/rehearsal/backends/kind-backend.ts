import { writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, type Options, type ResultPromise } from 'execa';
import { parseRatio } from '../../../src/config/ratio.ts';
import { type Cluster, openCluster } from '../../proof/kind/cluster.ts';
import { DEFAULT_HOP, type Hop } from '../../proof/kind/hop.ts';
import { installSettings, loadImages } from '../../proof/kind/images.ts';
import { installMesh, type Mesh } from '../../proof/kind/install-mesh.ts';
import { kindCli, type Run } from '../../proof/kind/kind-cli.ts';
import { KindRefused } from '../../proof/kind/kind-refused.ts';
import { manifestNamespaces } from '../../proof/kind/manifests.ts';
import { DEFAULT_KUBERNETES, kubernetesMinors, nodeImage } from '../../proof/kind/node-images.ts';
import { createRun } from '../../proof/kind/run.ts';
import { type World, worldOf } from '../../proof/kind/world.ts';
import type { Backend, Conditions, EntryPoint } from '../model/backend.ts';
import { runByAction } from './action-entry-point.ts';
import { clusterLooks, type ListObjects } from './cluster-looks.ts';
import { overlaid } from './rehearsal-config.ts';
import { runVerb } from './run-verb.ts';

/** What is rehearsed there: the committed bundle, as everybody gets it. */
const main = join(import.meta.dirname, '../../../dist/main.cjs');
const verbTimeoutMs = 30 * 60_000;

export interface KindOptions {
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
 * A cluster of kind (or of its stand-in: env KIND names the executable) with the old release, workloads under load and
 * Prometheus. It is deleted by `close`, and when anything fails or interrupts before.
 * @throws KindRefused if something is missing here; what a command failed with; DeadlinePassed
 */
export async function kindBackend(conditions: Conditions, place: KindPlace): Promise<Backend> {
  const { kubernetes = DEFAULT_KUBERNETES, hop = DEFAULT_HOP, signal, logs } = place;
  const image = nodeImage(kubernetes);
  if (image === undefined)
    throw new KindRefused(`kind has no Kubernetes ${kubernetes}, only ${kubernetesMinors().join(', ')}`);
  const env = withOurNode(place.env ?? process.env);
  const tell = (line: string) => place.tell(`${line}\n`);
  const run = createRun({ env, signal });
  const file = env['KIND'] ?? 'kind';
  const kind = kindCli(file, run);
  const world = worldOf(await kind.version(), { kind: file, run, env });
  const [from, to] = [await world.istioctl(hop.from.version), await world.istioctl(hop.to.version)];
  const name = `istio-rehearsal-${process.pid}-${Date.now().toString(36)}`;
  tell(`creating the kind cluster ${name} with Kubernetes ${kubernetes}`);
  const cluster = await openCluster(kind, { name, image, logs, tell });
  try {
    await loadImages(cluster, { kind, run, istioctls: [from, to], tell });
    const options = { world, run, from: hop.from, istioctl: from, signal, tell, sleep: pause(signal) };
    const mesh = await installMesh(cluster, options);
    const errorRatio = conditions.release.errors;
    if (errorRatio !== undefined) await world.failRequests(cluster, hop.to, parseRatio(errorRatio));
    return backendOn(cluster, mesh, { world, run, env, hop, istioctl: to, place, conditions });
  } catch (failure) {
    await cluster.close();
    throw failure;
  }
}

interface Prepared {
  world: World;
  run: Run;
  env: NodeJS.ProcessEnv;
  hop: Hop;
  istioctl: string;
  place: KindPlace;
  conditions: Conditions;
}

function backendOn(cluster: Cluster, mesh: Mesh, prepared: Prepared): Backend {
  const { world, run, hop, istioctl, conditions } = prepared;
  const { entryPoint, tell, signal } = prepared.place;
  const { kubeconfig, folder } = cluster;
  const configFile = join(folder, 'istio-upgrade.yaml');
  writeFileSync(configFile, overlaid(configText(hop, istioctl, world), conditions.config));
  const list: ListObjects = async <T>(kinds: string, ...where: string[]): Promise<T[]> => {
    const words = [world.kubectl, '--kubeconfig', kubeconfig, 'get', kinds, '--output', 'json', ...where];
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
  const commandLine = { main, configFile, folder, timeoutMs: verbTimeoutMs, exec };
  const made = manifestNamespaces();
  return {
    name: 'kind',
    ...hop,
    now: () => Date.now(),
    faultsThatNeverBegan: () => [],
    run: async (verb, options = {}) => {
      const ran =
        entryPoint === 'cli'
          ? await runVerb(commandLine, verb, tell, options)
          : await runByAction(verb, { workspace: folder, kubeconfig, folder }, { ...options, tell, signal });
      // After an interruption no further run is started.
      signal.throwIfAborted();
      return ran;
    },
    ...clusterLooks(list, (namespace) => made.includes(namespace)),
    requests: () => mesh.requests(),
    close: () => cluster.close(),
  };
}

function configText({ to }: Hop, istioctl: string, { gate, soak }: World): string {
  return `mesh: { tag: default }
target: { version: ${to.version}, istioctl: "${istioctl}", set: ${JSON.stringify(installSettings)} }
gateways: [istio-ingress/istio-ingressgateway]
waves:
  - { name: canary, namespaces: [bar] }
  - { name: rest, namespaces: "*" }
gate: ${gate.replace('{', '{ prometheus: "kubernetes://monitoring/prometheus:9090",')}
soak: ${soak}
pace: { workloadsAtOnce: 2, rolloutTimeout: 5m }
`;
}

/** The Action, and the stand-in, look for Node in PATH. */
const withOurNode = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  PATH: [dirname(process.execPath), env['PATH']].join(delimiter),
});

const pause = (signal: AbortSignal) => (ms: number) => sleep(ms, undefined, { signal });
