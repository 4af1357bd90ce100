import type { Istioctl } from '../../../src/istioctl/istioctl.ts';
import type { ProcessRunner } from '../../../src/istioctl/process-runner.ts';
import type { IstioFinding } from '../../../src/model/istio-finding.ts';
import type { KubernetesObject } from '../../../src/model/kubernetes-object.ts';
import { Pods } from '../../../src/ports/kinds.ts';
import type { Pod } from '../../../src/ports/objects.ts';
import type { Metrics } from '../../../src/ports/prometheus.ts';
import { WebhookAdmission } from './admission.ts';
import { ApiServer } from './api-server/api-server.ts';
import { podQuota } from './api-server/pod-quota.ts';
import { podSecurity } from './api-server/pod-security.ts';
import { Registry } from './api-server/registry.ts';
import { Store } from './api-server/store.ts';
import { installArgoRollouts } from './controllers/argo-rollout.ts';
import type { Kubelet } from './controllers/kubelet.ts';
import { startControllers } from './controllers/start-controllers.ts';
import { Authorization } from './istio/authorization.ts';
import { installGatewayApi, startGatewayController } from './istio/gateway-controller.ts';
import { helmProcess, type IsKilled } from './istio/helm-process.ts';
import type { IstioctlContext } from './istio/istioctl-command.ts';
import { type InterceptIstioctl, istioctlProcess, simulatedIstioctl } from './istio/istioctl-process.ts';
import { Istiods } from './istio/istiods.ts';
import { MeshConfigs } from './istio/mesh-configs.ts';
import { OutsideCalls } from './istio/outside-calls.ts';
import { Lives } from './metrics/lives.ts';
import { PrometheusAddress, SimPrometheus } from './metrics/prometheus.ts';
import { Scrapes } from './metrics/scrapes.ts';
import { Traffic } from './metrics/traffic.ts';
import { Random } from './random.ts';
import { isInjectedGateway, type SeedNamespace, SeedNamespaces, seedCluster, seedNamespace } from './seed-mesh.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface SimOptions {
  /** Decides every delay, name and draw. */
  seed?: number;
  kubernetesVersion?: string;
  /** The release that runs at the start, with the default tag its installer made. */
  from?: string;
  /** Settings that it was installed with, for `--set`. */
  set?: readonly string[];
  /** Its revision, when it is not named after the version; `default` is installed without one. */
  revision?: string;
  /** Instead of the seed mesh's namespaces. */
  namespaces?: readonly SeedNamespace[];
  /** Besides them. */
  more?: readonly SeedNamespace[];
  /** As whom the transport speaks. */
  user?: string;
  scrapeIntervalMs?: number;
  /** Requests a second that each proxy serves. */
  rps?: number;
  /** For how long the mesh has run, served and been scraped when `createSim` returns it; 8 hours if left out, 0 for a new mesh. */
  historyMs?: number;
}

const HourMs = 60 * 60 * 1000;
/** More than the gate looks back. */
const DefaultHistoryMs = 8 * HourMs;

/** The morning of the lab's recordings. */
const StartMs = Date.UTC(2026, 10, 22, 21, 41, 0);

/** A cluster with a mesh, in process and in virtual time. Faults are switched on the parts: kubelet, istiods, transport. */
export class Sim {
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly store: Store;
  /** For tests: write as anybody, by the API's rules. */
  readonly registry: Registry;
  /** What the product talks to. */
  readonly transport: ApiServer;
  readonly kubelet: Kubelet;
  readonly admission: WebhookAdmission;
  readonly istiods: Istiods;
  /** For the product's own jitter, so that its retries follow the seed too. */
  readonly jitter: () => number;
  readonly traffic: Traffic;
  readonly prometheus: SimPrometheus;
  /** The port over the simulated Prometheus; `kubernetes://monitoring/prometheus:9090` leads there too. */
  readonly metrics: Metrics;
  /** What `x precheck` and `analyze` say besides what follows from the mesh. */
  readonly findings: { precheck: IstioFinding[]; analyze: IstioFinding[] } = { precheck: [], analyze: [] };
  /** Faults of istioctl calls; asked about each. */
  interceptIstioctl: InterceptIstioctl = () => undefined;
  readonly #authorization: Authorization;
  readonly #outsideCalls: OutsideCalls;
  readonly #random: Random;
  readonly #ghostsUntil = new Map<string, readonly number[]>();
  readonly #triggers: { predicate: () => boolean; action: () => void }[] = [];

  constructor(options: SimOptions = {}) {
    const { seed = 1, kubernetesVersion = '1.36.3', user = 'upgrader', scrapeIntervalMs = 15_000, rps } = options;
    const { historyMs = DefaultHistoryMs } = options;
    this.seed = seed;
    this.#random = new Random(seed);
    this.clock = new VirtualClock(StartMs - historyMs);
    this.store = new Store();
    this.registry = new Registry(this.store, this.clock, this.#random.fork('registry'));
    const { clock, registry } = this;
    this.admission = new WebhookAdmission(registry, this.#random.fork('admission'));
    registry.useAdmission(podSecurity(registry));
    registry.useAdmission(podQuota(registry));
    this.kubelet = startControllers({ registry, clock, random: this.#random.fork('controllers') }).kubelet;
    this.istiods = new Istiods({ registry, clock, random: this.#random.fork('istiods') }, this.admission);
    startGatewayController({ registry, clock, random: this.#random.fork('gateways') }, this.istiods);
    const jitter = this.#random.fork('jitter');
    this.jitter = () => jitter.next();
    this.transport = new ApiServer(registry, clock, this.#random.fork('api-server'), {
      version: kubernetesVersion,
      user,
    });
    this.traffic = new Traffic(clock, rps === undefined ? {} : { rps });
    const meshConfigs = new MeshConfigs(this.store);
    this.#authorization = new Authorization(meshConfigs, this.traffic);
    this.#outsideCalls = new OutsideCalls(meshConfigs, this.traffic);
    const lives = new Lives(this.store, clock, { retentionMs: historyMs + HourMs });
    const facts = { lives, traffic: this.traffic, injections: this.istiods.injections };
    this.prometheus = new SimPrometheus(new Scrapes(facts, scrapeIntervalMs), clock);
    this.metrics = this.prometheus.metrics();
    const { namespace, service } = PrometheusAddress;
    this.transport.services.register(namespace, service, (request) => this.prometheus.handle(request));
    // What no registry has cannot be pulled; every release of Istio 1.x is taken to exist.
    this.kubelet.addRule({ matches: hasUnknownIstioImage, stage: 'image-pull' });
    clock.onEvent(() => this.#fireTriggers());
    seedCluster(registry, kubernetesVersion);
  }

  /** The two ports over a simulated binary of that release. */
  istioctl(version: string): Istioctl {
    return simulatedIstioctl(this.#istioctlContext(version), (args) => this.interceptIstioctl(args));
  }

  /** The binary itself, for what the port does not do: `tag remove`, `install --set profile=default`. */
  istioctlProcess(version: string): ProcessRunner {
    return istioctlProcess(this.#istioctlContext(version), (args) => this.interceptIstioctl(args));
  }

  /** helm 4, for a run that may be killed. */
  helmProcess(isKilled?: IsKilled): ProcessRunner {
    return helmProcess(this.#istioctlContext('helm'), isKilled);
  }

  /** Drives virtual time until the promise settles; throws on a deadlock or after `limitMs`, a virtual day by default. */
  run<T>(promise: Promise<T>, options?: { limitMs?: number }): Promise<T> {
    return this.clock.run(promise, options);
  }

  /** Until every rollout, deletion and reaction has ended. */
  settle(): Promise<void> {
    return this.clock.settle();
  }

  advance(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  /** Does something once, at the first moment at which the predicate holds. */
  when(predicate: () => boolean, action: () => void): void {
    this.#triggers.push({ predicate, action });
  }

  /** Does something after so many virtual milliseconds. */
  in(ms: number, action: () => void): void {
    this.clock.schedule(ms, action);
  }

  /** Every object of a namespace as text, by `Kind/name`; equal before and after if nothing was changed. */
  snapshot(namespace: string): ReadonlyMap<string, string> {
    const objects = this.store
      .kinds()
      .flatMap((kind) => (kind.namespaced ? this.store.list<KubernetesObject>(kind, namespace) : []));
    return new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, JSON.stringify(object)]));
  }

  /** Makes the API server serve Gateway API gateways, which istiod then turns into Deployments. */
  installGatewayApi(): void {
    installGatewayApi(this.registry);
  }

  /** Makes the API server serve Rollouts of Argo Rollouts, which its controller then rolls and restarts. */
  installArgoRollouts(): void {
    installArgoRollouts(this.registry);
  }

  /** An AuthorizationPolicy with the action CUSTOM: an extension provider is asked about each request to the namespace. */
  authorize(namespace: string, provider: string): void {
    this.#authorization.require(namespace, provider);
  }

  /** This share of the calls of a namespace goes to hosts that are not in the registry. */
  callOutside(namespace: string, ratio: number): void {
    this.#outsideCalls.make(namespace, ratio);
  }

  addNamespace(seed: SeedNamespace): void {
    seedNamespace(this.registry, seed);
  }

  pods(namespace?: string): Pod[] {
    return this.store.list<Pod>(Pods, namespace);
  }

  #istioctlContext(version: string): IstioctlContext {
    return {
      version,
      registry: this.registry,
      istiods: this.istiods,
      clock: this.clock,
      random: this.#random.fork(`istioctl-${version}`),
      precheckFindings: this.findings.precheck,
      analyzeFindings: this.findings.analyze,
      ghostsUntil: this.#ghostsUntil,
    };
  }

  #fireTriggers(): void {
    for (const trigger of [...this.#triggers]) {
      if (!trigger.predicate()) continue;
      this.#triggers.splice(this.#triggers.indexOf(trigger), 1);
      trigger.action();
    }
  }
}

/** Builds the seed mesh, lets it come to rest, and lets its history pass. */
export async function createSim(options: SimOptions = {}): Promise<Sim> {
  const { from = '1.30.4', revision = from.replaceAll('.', '-'), namespaces = SeedNamespaces, more = [] } = options;
  const { set = [], historyMs = DefaultHistoryMs } = options;
  const sim = new Sim(options);
  const args = [
    'install',
    '-y',
    '--set',
    'profile=minimal',
    ...set.flatMap((pair) => ['--set', pair]),
    ...(revision === 'default' ? [] : ['--revision', revision]),
    '--readiness-timeout',
    '100s',
  ];
  const { exitCode, stderr } = await sim.run(sim.istioctlProcess(from).run(args, { timeoutMs: 600_000 }));
  if (exitCode !== 0) throw new Error(`the seed mesh cannot be installed: ${stderr}`);
  // Nothing is injected before istiod has patched its webhooks.
  await sim.settle();
  for (const namespace of [...namespaces, ...more]) sim.addNamespace(namespace);
  sim.traffic.routeGateways(behindGateways(namespaces));
  await sim.settle();
  await sim.advance(historyMs);
  return sim;
}

/** The first workloads of the mesh; so few that its gateways have no more series than those of a real one. */
function behindGateways(namespaces: readonly SeedNamespace[]) {
  return namespaces
    .filter(({ labels }) => labels !== undefined)
    .flatMap(({ name: namespace, workloads = [] }) =>
      workloads.filter((workload) => !isInjectedGateway(workload)).map(({ name }) => ({ namespace, workload: name })),
    )
    .slice(0, 3);
}

function hasUnknownIstioImage({ spec }: Pod): boolean {
  return [...spec.containers, ...(spec.initContainers ?? [])].some(({ image = '' }) =>
    /^docker\.io\/istio\/(pilot|proxyv2):(?!1\.\d+\.\d+$)/.test(image),
  );
}
