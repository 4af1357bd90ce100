import { seenPod, tagOf } from '../../harness/rehearsal/backends/seen.ts';
import { type SimRun, simRun } from '../../harness/rehearsal/backends/sim-run.ts';

export { endState } from '../../harness/proof/faults/end-state.ts';

import { createSim, type Sim, type SimOptions } from '../../harness/rehearsal/sim/create-sim.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { check } from '../../src/engine/check.ts';
import { rollBack } from '../../src/engine/roll-back.ts';
import type { Run } from '../../src/engine/run.ts';
import { type UpgradeOptions, upgrade } from '../../src/engine/upgrade.ts';
import type { TransportRequest } from '../../src/kubernetes/transport.ts';
import type { Checked } from '../../src/model/checked.ts';
import type { TimedEvent } from '../../src/model/events.ts';
import type { Journal } from '../../src/model/journal.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { UpgradeError } from '../../src/model/upgrade-error.ts';
import {
  ConfigMaps,
  DaemonSets,
  Deployments,
  MutatingWebhooks,
  Namespaces,
  Pods,
  Services,
  StatefulSets,
  ValidatingWebhooks,
} from '../../src/ports/kinds.ts';
import type { ConfigMap, Service, WebhookConfiguration, WorkloadObject } from '../../src/ports/objects.ts';
import { definitionOf } from '../../src/workloads/workloads.ts';

export const Old = '1-30-4';
export const New = '1-31-0';

/** Short bakes: what is tested here is order, not statistics. */
export function configOf({
  version = '1.31.0',
  waves = '',
  gate = '',
  target = '',
  soak = '30s',
  more = '',
} = {}): Config {
  return loadConfig(
    `target: { version: ${version}, ${target} }
waves: ${waves || '[{ name: canary, namespaces: [bar] }, { name: rest, namespaces: "*" }]'}
gate: { prometheus: "kubernetes://monitoring/prometheus:9090", bake: 2m, ${gate} }
soak: ${soak}
${more}`,
    'test.yaml',
  );
}

/** The seed mesh after some minutes of traffic, so that Prometheus has samples to compare. */
export async function servingMesh(options: SimOptions = {}): Promise<Sim> {
  const sim = await createSim(options);
  await sim.advance(6 * 60_000);
  return sim;
}

export interface Ended {
  /** `killed` when the run did not live to tell. */
  kind: Outcome['kind'] | 'killed' | 'thrown';
  /** Codes of the problems that ended it, or of what it threw. */
  codes: readonly string[];
  outcome: Outcome | undefined;
  /** What it threw. */
  failure?: UpgradeError;
  events: readonly TimedEvent[];
  /** The effects that were begun, in order, marks included. */
  effects: readonly string[];
  /** How many changes it sent, journal and istioctl included. */
  writes: number;
}

export interface Disturbance {
  /** The virtual moment of the product that is meant. */
  at: (event: TimedEvent) => boolean;
  how: 'kill' | 'interrupt';
}

export interface GoOptions extends UpgradeOptions {
  config?: Config;
  runId?: string;
  /** Of istioctl. */
  version?: string;
  disturb?: Disturbance;
  /** SIGKILL in the middle of the k-th write, counted from 1: it is made, and its answer never seen. */
  killInWrite?: number;
  /** SIGINT after so many virtual milliseconds. */
  interruptAfterMs?: number;
  /** `--timeout`. */
  timeoutMs?: number;
}

export const goUpgrade = (sim: Sim, options: GoOptions = {}): Promise<Ended> =>
  go(sim, (run) => upgrade(run, options.config ?? configOf(), options), options);

export const goBack = (sim: Sim, options: GoOptions = {}): Promise<Ended> => go(sim, (run) => rollBack(run), options);

/** What `check` finds. */
export async function goCheck(
  sim: Sim,
  config: Config = configOf(),
  options: Pick<GoOptions, 'version'> = {},
): Promise<Checked> {
  const { run, cluster } = await sim.run(
    simRun(sim, { tag: config.mesh.tag, installer: config.mesh.installer, ...options }),
  );
  try {
    return await sim.run(check(run, config));
  } finally {
    await sim.run(cluster.close());
  }
}

/** Runs one verb of the engine in virtual time until it ends, throws, or is killed. */
export async function go(sim: Sim, verb: (run: Run) => Promise<Outcome>, options: GoOptions = {}): Promise<Ended> {
  const events: TimedEvent[] = [];
  const death = Promise.withResolvers<'killed'>();
  let begun: SimRun | undefined;
  const { disturb, interruptAfterMs } = options;
  const kill = () => {
    begun?.kill();
    death.resolve('killed');
  };
  const starting = simRun(sim, {
    runId: options.runId ?? 'run1',
    tag: options.config?.mesh.tag ?? 'default',
    installer: options.config?.mesh.installer,
    ...(options.version === undefined ? {} : { version: options.version }),
    receive: (event) => {
      events.push(event);
      if (disturb?.at(event) !== true) return;
      if (disturb.how === 'kill') kill();
      else begun?.interrupt();
    },
  });
  try {
    begun = await sim.run(starting);
  } catch (failure) {
    if (!(failure instanceof UpgradeError)) throw failure;
    return { kind: 'thrown', codes: [failure.code], outcome: undefined, events, effects: [], writes: 0 };
  }
  const { run, cluster, interrupt } = begun;
  if (interruptAfterMs !== undefined) sim.in(interruptAfterMs, () => interrupt());
  if (options.timeoutMs !== undefined)
    sim.in(options.timeoutMs, () => interrupt(new DOMException('time is up', 'TimeoutError')));
  let writes = 0;
  const stopCounting = countWrites(sim, (count) => {
    writes = count;
    if (count === options.killInWrite) kill();
  });
  const end = (kind: Ended['kind'], codes: readonly string[], outcome?: Outcome): Ended => ({
    kind,
    codes,
    outcome,
    events,
    effects: events.flatMap((event) => (event.kind === 'effect-started' ? [event.text] : [])),
    writes,
  });
  try {
    const ended = await sim.run(Promise.race([verb(run), death.promise]));
    if (ended === 'killed') return end('killed', []);
    return end(
      ended.kind,
      ended.problems.map(({ code }) => code),
      ended,
    );
  } catch (failure) {
    if (!(failure instanceof UpgradeError)) throw failure;
    return { ...end('thrown', [failure.code]), failure };
  } finally {
    stopCounting();
    // The watches of a killed run end with its process.
    await sim.run(Promise.race([cluster.close(), sim.clock.sleep(1)]));
  }
}

/** What it writes, but for the lock, which a test of its own covers. */
const uncounted = /dryRun=All|\/authorization\.k8s\.io\/|\/leases/;

/** Writes of the product: requests that change something, and calls of istioctl that do. */
function countWrites(sim: Sim, tell: (count: number) => void): () => void {
  let count = 0;
  const intercept = ({ method, path }: TransportRequest) => {
    if (method !== 'GET' && !uncounted.test(path)) tell(++count);
    return undefined;
  };
  const before = sim.interceptIstioctl;
  sim.transport.interceptors.push(intercept);
  sim.interceptIstioctl = (args) => {
    const writes = /^(install|uninstall|tag set)/.test(args.join(' ')) && !args.includes('--dry-run');
    if (writes) tell(++count);
    return before(args);
  };
  return () => {
    sim.transport.interceptors.splice(sim.transport.interceptors.indexOf(intercept), 1);
    sim.interceptIstioctl = before;
  };
}

const workloadKinds = { Deployment: Deployments, StatefulSet: StatefulSets, DaemonSet: DaemonSets } as const;
const tokenOf = (object: WorkloadObject | undefined) =>
  object?.spec.template.metadata?.annotations?.['istio-canary-upgrade/run'];
const restartedAt = (object: WorkloadObject | undefined) =>
  object?.spec.template.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt'];

/** Looks at the mesh after every change of it, by any writer. */
export class Watcher {
  /** By workload: the tokens of the restarts that were written. */
  readonly restarts = new Map<string, string[]>();
  /** Moments in which a webhook that selects mesh pods had no istiod behind it. */
  readonly blackouts: string[] = [];
  /** The most of our rollouts that were under way at one moment. */
  inFlightMax = 0;
  readonly #sim: Sim;

  constructor(sim: Sim) {
    this.#sim = sim;
    sim.store.onChange(({ kind, object, previous }) => {
      const { name, namespace } = object.metadata;
      if (Object.values(workloadKinds).some(({ plural }) => plural === kind.plural) && namespace !== 'istio-system') {
        const [now, was] = [object as WorkloadObject, previous as WorkloadObject | undefined];
        if (restartedAt(now) !== restartedAt(was)) {
          const id = `${kind.kind} ${namespace}/${name}`;
          this.restarts.set(id, [...(this.restarts.get(id) ?? []), tokenOf(now) ?? '?']);
        }
        this.inFlightMax = Math.max(this.inFlightMax, this.#inFlight());
      }
      if (kind.plural === MutatingWebhooks.plural || (kind.plural === Pods.plural && namespace === 'istio-system'))
        this.#expectAnswers();
    });
  }

  /** Workloads that were restarted more than once in one direction of one run. */
  get restartedTwice(): readonly string[] {
    return [...this.restarts].filter(([, tokens]) => new Set(tokens).size < tokens.length).map(([id]) => id);
  }

  #inFlight(): number {
    return workloadsOf(this.#sim).filter(
      ({ kind, object }) => tokenOf(object) !== undefined && !definitionOf(kind).rolloutOf(object).complete,
    ).length;
  }

  #expectAnswers(): void {
    const tag = this.#sim.store.get<WebhookConfiguration>(MutatingWebhooks, 'istio-revision-tag-default');
    for (const { clientConfig } of tag?.webhooks ?? []) {
      const revision = clientConfig.service?.name.replace(/^istiod-/, '') ?? '?';
      if (this.#sim.istiods.running(revision).length === 0) this.blackouts.push(`${revision} does not answer`);
    }
  }
}

function workloadsOf(sim: Sim): { id: string; kind: keyof typeof workloadKinds; object: WorkloadObject }[] {
  return (['Deployment', 'StatefulSet', 'DaemonSet'] as const).flatMap((kind) =>
    sim.store
      .list<WorkloadObject>(workloadKinds[kind])
      .filter(({ metadata }) => metadata.namespace !== 'istio-system')
      .map((object) => ({ id: `${kind} ${object.metadata.namespace}/${object.metadata.name}`, kind, object })),
  );
}

/** What each object of the tag `default` points at. */
export const tagIn = (sim: Sim): Record<string, string> =>
  tagOf(
    sim.store.list<WebhookConfiguration>(MutatingWebhooks),
    sim.store.list<WebhookConfiguration>(ValidatingWebhooks),
    sim.store.list<Service>(Services, 'istio-system'),
  );

export const tagAt = (revision: string) => ({ webhook: revision, Service: revision, validator: revision });

/** Ready mesh pods by namespace and revision. */
export function podsIn(sim: Sim): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const pod of sim.pods()) {
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    const { namespace, revision, ready } = seenPod(pod);
    if (revision === 'none') continue;
    const row = counts[namespace] ?? {};
    counts[namespace] = row;
    const key = ready ? revision : `${revision}, not ready`;
    row[key] = (row[key] ?? 0) + 1;
  }
  return counts;
}

export const seedPods = (revision: string) => ({
  foo: { [revision]: 2 },
  bar: { [revision]: 2 },
  baz: { [revision]: 7 },
  'istio-ingress': { [revision]: 2 },
});

export const controlPlanesIn = (sim: Sim): readonly string[] =>
  sim.store.list(Deployments, 'istio-system').map(({ metadata }) => metadata.name);

export function journalIn(sim: Sim, tag = 'default'): Journal | undefined {
  const text = sim.store.get<ConfigMap>(ConfigMaps, `istio-canary-upgrade-${tag}`, 'istio-system')?.data?.['journal'];
  return text === undefined ? undefined : (JSON.parse(text) as Journal);
}

/** Labels a namespace as a person would. */
export function label(sim: Sim, name: string, labels: Record<string, string | null>): void {
  sim.registry.patch(Namespaces, { name }, { type: 'merge', body: { metadata: { labels } } }, { manager: 'kubectl' });
}
