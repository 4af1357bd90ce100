import { stringify } from 'yaml';
import { type Asking, query } from '../gate/asking.ts';
import { alternation, type Beforehand, podNamer } from '../gate/gate.ts';
import { defineFinding } from '../model/finding.ts';
import type { MetricCheck } from '../model/gate-settings.ts';
import type { Answer } from '../ports/prometheus.ts';
import { selectorsOf } from '../promql/lint-promql.ts';
import { selector } from '../promql/selector.ts';
import type { FindingOf } from './define-check.ts';

const SeveralClustersAnswer = defineFinding({
  code: 'SEVERAL_CLUSTERS_ANSWER',
  severity: 'blocks',
  title: 'Prometheus answers with series of several clusters.',
  cause:
    'It holds the series of many clusters, and gate.prometheus.match does not select those of the cluster that is upgraded. The gate would count the requests and the rejected configuration of the others as well.',
  fix: 'Name this cluster by a label under gate.prometheus, for example match: { cluster: prod-1 } (docs/prometheus.md).',
  blames: 'person',
  isAboutGate: true,
});

const MatchSelectsNothing = defineFinding({
  code: 'MATCH_SELECTS_NOTHING',
  severity: 'blocks',
  title: 'No series of the mesh has the labels of gate.prometheus.match.',
  cause: 'A label or a value is misspelt, or only a part of the series has this label.',
  fix: 'Correct gate.prometheus.match, or give the label to all series of istiod and of the proxies.',
  blames: 'person',
  isAboutGate: true,
});

const SeriesCountedTwice = defineFinding({
  code: 'SERIES_COUNTED_TWICE',
  severity: 'blocks',
  title: 'Prometheus answers with the series of several replicas.',
  cause:
    'Two Prometheus scrape the same pods, and what answers does not remove the copies. The gate would count each request twice, and take chance for evidence.',
  fix: 'Let the store remove the copies: --query.replica-label of Thanos, the HA tracker of Mimir and Cortex, -dedup.minScrapeInterval of VictoriaMetrics. Or name one replica in gate.prometheus.match.',
  blames: 'person',
  isAboutGate: true,
});

const CheckOfAllClusters = defineFinding({
  code: 'CHECK_OF_ALL_CLUSTERS',
  severity: 'warns',
  title: 'A check in gate.checks does not name the cluster that gate.prometheus.match names.',
  cause: `Its query has neither \${match} nor one of the labels, so it may count series of other clusters.`,
  fix: `Write \${match} between the braces of its selectors.`,
  blames: 'person',
  isAboutGate: true,
});

export const metricSourceFindings = [
  SeveralClustersAnswer,
  MatchSelectsNothing,
  SeriesCountedTwice,
  CheckOfAllClusters,
] as const;
type Found = FindingOf<typeof metricSourceFindings>;

/** What kube-prometheus, Grafana, OpenTelemetry (k8s.cluster.name), Rancher, Datadog and AWS call the label of a cluster. */
const clusterLabels = [
  'cluster',
  'cluster_name',
  'clusterName',
  'ClusterName',
  'cluster_id',
  'clusterID',
  'k8s_cluster',
  'k8s_cluster_name',
  'kube_cluster',
  'kube_cluster_name',
  'kubernetes_cluster',
  'kubernetes_cluster_name',
];
/** The external labels by which replicas of a Prometheus differ; shards have one too, but each pod only in one of them. */
const replicaLabels = ['prometheus_replica', 'replica'];

/**
 * Whether the series that the gate counts are those of this cluster, each once.
 * @param ours `namespace/pod` of the live pods of the canary and of istiod: only this cluster has them
 */
export function* inspectMetricSources(
  beforehand: Beforehand,
  ours: ReadonlySet<string>,
): Asking<readonly Found[], Answer> {
  const { match, checks } = beforehand.settings;
  const sources = sourcesOf(beforehand, match);
  const [proxies = ''] = sources;
  const labelled = yield* query(...sources.map((source) => ({ query: countBy(clusterLabels, source) })), {
    query: `count(count by (${namesOf(beforehand)}) (${countBy([namesOf(beforehand), ...replicaLabels], proxies)}) > 1)`,
  });
  const copies = labelled.at(-1)?.series[0]?.value ?? 0;
  const answers = labelled.slice(0, sources.length);
  const unmatched = match === '' ? [] : yield* findUnmatched(beforehand, answers);
  const clusters = yield* findClusters(beforehand, answers, ours);
  // Pods of several clusters may share a name.
  const replicas = clusters.length === 0 && copies > 0 ? yield* findReplicas(copies, proxies) : [];
  return [
    ...unmatched,
    ...clusters,
    ...replicas,
    ...(match === '' ? [] : checks.flatMap((check) => ofAllClusters(check, match))),
  ];
}

/** The requests that proxies of the canary count, and every istiod: each cluster with an istiod has one of these. */
const sourcesOf = ({ namespaces, settings: { labels } }: Beforehand, match: string): readonly string[] => [
  selector('istio_requests_total', `${labels.namespace}=~"${alternation(namespaces)}"`, match),
  selector('pilot_info', match),
];

const countBy = (labels: readonly string[], source: string): string => `count by (${labels.join(', ')}) (${source})`;

const namesOf = ({ settings: { labels } }: Beforehand): string => `${labels.namespace}, ${labels.pod}`;

function* findUnmatched(beforehand: Beforehand, answers: readonly Answer[]): Asking<readonly Found[], Answer> {
  const empty = sourcesOf(beforehand, '').filter((_, index) => answers[index]?.series.length === 0);
  const without = yield* query(...empty.map((source) => ({ query: countBy(clusterLabels, source) })));
  const { match } = beforehand.settings;
  return empty.flatMap((source, index) => {
    const series = without[index]?.series ?? [];
    if (series.length === 0) return [];
    const values = clusterLabels
      .map((label) => ({ label, values: [...new Set(series.map(({ labels }) => labels[label] ?? ''))] }))
      .filter(({ values: its }) => its.some((value) => value !== ''));
    const others = values.map(({ label, values: its }) => `${label} is ${its.map(show).join(', ')}`).join('; ');
    return MatchSelectsNothing.of(
      `No series of ${source} has ${match}; ${others === '' ? 'those that there are have no label of a cluster' : `of those that there are, ${others}`}.`,
      [source],
    );
  });
}

/** One finding at most: of the first label that tells this cluster from the others, or else of the first that has other values. */
function* findClusters(
  beforehand: Beforehand,
  answers: readonly Answer[],
  ours: ReadonlySet<string>,
): Asking<readonly Found[], Answer> {
  const { match } = beforehand.settings;
  let found: Found | undefined;
  for (const label of clusterLabels) {
    const all = answers.map(({ series }) => new Set(series.map(({ labels }) => labels[label] ?? '')));
    if (all.every(({ size }) => size < 2)) continue;
    const own = yield* valuesOfOurs(beforehand, label, ours);
    const foreign = [...all.reduce((known, more) => known.union(more))].filter((value) => !own.has(value)).sort();
    if (foreign.length === 0) continue;
    const [only, ...more] = own;
    const isKnown = only !== undefined && more.length === 0;
    const known = [...own].sort().map(show).join(', ');
    const whose =
      own.size === 0 ? 'none has the pods of this cluster by name' : `${known} has the pods of this cluster`;
    const message = `Series of other clusters answer: their ${label} is ${foreign.map(show).join(', ')}; ${whose}.`;
    const objects = sourcesOf(beforehand, match);
    if (isKnown) return [SeveralClustersAnswer.of(message, objects, matchLine(match, { [label]: only }))];
    found ??= SeveralClustersAnswer.of(message, objects);
  }
  return found === undefined ? [] : [found];
}

/** The values that series of our pods have. A name that two clusters use (`db-0`) tells nothing. */
function* valuesOfOurs(
  beforehand: Beforehand,
  label: string,
  ours: ReadonlySet<string>,
): Asking<ReadonlySet<string>, Answer> {
  const sources = sourcesOf(beforehand, beforehand.settings.match);
  const answers = yield* query(...sources.map((source) => ({ query: countBy([namesOf(beforehand), label], source) })));
  const byPod = Map.groupBy(
    answers.flatMap(({ series }) => series),
    ({ labels }) => podNamer(beforehand)(labels),
  );
  const told = [...byPod].flatMap(([pod, series]) => {
    const values = new Set(series.map(({ labels }) => labels[label] ?? ''));
    return ours.has(pod) && values.size === 1 ? [...values] : [];
  });
  return new Set(told);
}

function* findReplicas(copies: number, proxies: string): Asking<readonly Found[], Answer> {
  const [{ series }] = yield* query({ query: countBy(replicaLabels, proxies) });
  const message = `${copies} pods of the canary have the series of several replicas of Prometheus`;
  for (const label of replicaLabels) {
    const values = [...new Set(series.map(({ labels }) => labels[label] ?? ''))].sort();
    if (values.length > 1)
      return [SeriesCountedTwice.of(`${message}: ${label} is ${values.map(show).join(', ')}.`, [proxies])];
  }
  return [SeriesCountedTwice.of(`${message}.`, [proxies])];
}

/** A query without selectors has no series of any cluster. */
function ofAllClusters({ name, query: text }: MetricCheck, match: string): readonly Found[] {
  const labels = [...match.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)].map(([, label = '']) => label);
  const namesOne = text.includes(`\${match}`) || labels.some((label) => new RegExp(`\\b${label}\\b`).test(text));
  return namesOne || selectorsOf(text).length === 0
    ? []
    : [CheckOfAllClusters.of(`Check "${name}" may count series of other clusters: it has no \${match}.`, [text])];
}

function matchLine(match: string, labels: Readonly<Record<string, string>>): string {
  const line = stringify(labels, { collectionStyle: 'flow' }).trim();
  return match === ''
    ? `Write match: ${line} under gate.prometheus (docs/prometheus.md).`
    : `Add ${line.slice(1, -1).trim()} to match under gate.prometheus (docs/prometheus.md).`;
}

const show = (value: string): string => (value === '' ? 'absent' : JSON.stringify(value));
