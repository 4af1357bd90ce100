import { selects } from '../mesh/label-selector.ts';
import { listWorkloads } from '../mesh/observe/list-workloads.ts';
import { podFacts } from '../mesh/observe/pod-facts.ts';
import { livePods } from '../mesh/observe/workloads.ts';
import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { UpgradeError } from '../model/upgrade-error.ts';
import { Pods, Services } from '../ports/kinds.ts';
import type { Cluster } from '../ports/kubernetes.ts';
import type { Service } from '../ports/objects.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { selector } from '../promql/selector.ts';
import { definitionOf } from '../workloads/workloads.ts';
import type { FindingOf } from './define-check.ts';
import { waitsBeforeItStops } from './stop-wait.ts';

const RestartLosesRequests = defineFinding({
  code: 'RESTART_LOSES_REQUESTS',
  severity: 'notes',
  title: 'A restart loses requests to workloads whose pods do not wait before they stop.',
  cause:
    'No container of the app has a preStop hook. When such a pod stops, its callers still send requests to it until their proxies know, and these requests fail with 503. An app that continues to serve after SIGTERM loses none, but its template does not show that.',
  fix: 'Give the container of the app `lifecycle: { preStop: { sleep: { seconds: 3 } } }`, or let the app serve for 3 s after SIGTERM. A longer drain of its proxy does not help: the app is gone (docs/reliability.md).',
  blames: 'workload',
});

export const restartLossFindings = [RestartLosesRequests] as const;

/** Requests that one restart loses at 100 a second, as measured: docs/reliability.md. */
const lossAt100 = { least: 1, most: 10 };
/** The rate covers this many scrapes. */
const scrapes = 10;

interface Restarted {
  id: string;
  namespace: string;
  name: string;
  labels: Readonly<Record<string, string>>;
}

interface AtStake extends Restarted {
  /** Requests a second of all its pods together; undefined if Prometheus has none of them. */
  rate: number | undefined;
}

/** Which restarts lose requests, and about how many by the traffic of the moment: one request to the API server. Never blocks. */
export async function inspectRestartLosses(
  { cluster, metrics }: { cluster: Cluster; metrics: Metrics },
  plan: Plan,
): Promise<readonly FindingOf<typeof restartLossFindings>[]> {
  const ending = await endingAtOnce(cluster, plan);
  if (ending.length === 0) return [];
  const [services, rates] = await Promise.all([
    orUndefined(cluster.list<Service>(Services)),
    orUndefined(ratesByWorkload(metrics, plan)),
  ]);
  const byNamespace = services && Map.groupBy(services, ({ metadata }) => metadata.namespace);
  const isServed = ({ namespace, labels }: Restarted): boolean =>
    byNamespace === undefined || (byNamespace.get(namespace) ?? []).some((service) => leadsTo(service, labels));
  const atStake = ending
    .map((workload): AtStake => ({ ...workload, rate: rates?.get(`${workload.namespace}/${workload.name}`) }))
    .filter((workload) => workload.rate !== undefined || isServed(workload))
    .sort((a, b) => (b.rate ?? -1) - (a.rate ?? -1));
  return atStake.length === 0 ? [] : [RestartLosesRequests.of(summary(atStake), atStake.map(describe))];
}

/** From lists that the run follows anyway. What has no pod for a moment anyway, WORKLOAD_GOES_DOWN reports. */
async function endingAtOnce(cluster: Cluster, { from, waivers }: Plan): Promise<readonly Restarted[]> {
  const pods = await cluster.listMetadata(Pods, { fieldSelector: livePods });
  const onOld = new Set(pods.flatMap((pod) => (podFacts(pod).revision === from ? [podFacts(pod).owner] : [])));
  const waived = new Set(waivers.map(({ workload }) => workload));
  return (await listWorkloads(cluster)).flatMap(({ kind, id, object, unrestartable }): Restarted[] => {
    const { whyDown, whyUnrestartable } = definitionOf(kind);
    const { template } = object.spec;
    if (!onOld.has(id) || waived.has(id) || waitsBeforeItStops(template)) return [];
    if (whyDown(object) !== undefined || (unrestartable ?? whyUnrestartable(object)) !== undefined) return [];
    const { name, namespace = '' } = object.metadata;
    return [{ id, namespace, name, labels: template.metadata?.labels ?? {} }];
  });
}

/** A Service without a selector has endpoints that a person or a controller writes. */
const leadsTo = ({ spec }: Service, labels: Restarted['labels']): boolean =>
  spec?.selector !== undefined && selects({ matchLabels: spec.selector }, labels);

/** By `namespace/name`, from the labels that Istio gives to every request. */
async function ratesByWorkload(
  metrics: Metrics,
  { gate: { intervalMs, match } }: Plan,
): Promise<ReadonlyMap<string, number>> {
  const by = ['destination_workload_namespace', 'destination_workload'] as const;
  const window = `${Math.ceil((scrapes * intervalMs) / 1000)}s`;
  const requests = selector('istio_requests_total', 'reporter="destination"', match);
  const { series } = await metrics.query(`sum by (${by.join(', ')}) (rate(${requests}[${window}]))`);
  return new Map(
    series
      .filter(({ value }) => Number.isFinite(value))
      .map(({ labels, value }) => [by.map((label) => labels[label]).join('/'), value]),
  );
}

/** The findings on rights and on Prometheus say what failed. */
async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (failure) {
    if (failure instanceof UpgradeError) return undefined;
    throw failure;
  }
}

function summary(atStake: readonly AtStake[]): string {
  const [first] = atStake;
  const who = atStake.length === 1 && first !== undefined ? first.id : `${atStake.length} workloads`;
  const known = atStake.flatMap(({ rate }) => (rate === undefined ? [] : [rate]));
  const unknown = atStake.length - known.length;
  const parts = [
    ...(known.length === 0
      ? []
      : [`${lossOf(known.reduce((sum, rate) => sum + rate, 0))} at the traffic of the moment`]),
    ...(unknown === 0 ? [] : [known.length === 0 ? 'how many is unknown' : `the traffic of ${unknown} is unknown`]),
  ];
  return `A restart loses requests to ${who}, because no pod waits before it stops: ${parts.join('; ')}.`;
}

function describe({ id, rate }: AtStake): string {
  if (rate === undefined) return `${id}: traffic unknown`;
  return rate === 0 ? `${id}: no requests at the moment` : `${id}: ${rounded(rate)} requests/s, ${lossOf(rate)}`;
}

/** `about 4 to 40`, as measured at 100 requests a second; never fewer than one at the upper end. */
function lossOf(rate: number): string {
  const [least, most] = [Math.floor((rate * lossAt100.least) / 100), Math.ceil((rate * lossAt100.most) / 100)];
  return rate === 0 ? 'none' : `about ${least} to ${most}`;
}

const rounded = (rate: number): string => (rate < 10 ? rate.toPrecision(2) : rate.toFixed(0));
