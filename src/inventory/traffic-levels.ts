import type { GateSettings } from '../model/gate-settings.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { selector } from '../promql/selector.ts';
import type { InventoryWorkload } from './inventory-schema.ts';

/** The rate covers this many scrapes: over more time than a pod has existed it would be too small. */
const scrapes = 10;

/** How its series are found. */
export type TrafficSettings = Pick<GateSettings, 'labels' | 'intervalMs' | 'match'>;

type Level = NonNullable<InventoryWorkload['traffic']>;

/**
 * What each pod served, summed over the pods of a workload.
 * @returns a function from a workload's pods (`namespace/pod`) to its traffic; what Prometheus has not seen served nothing
 * @throws UpgradeError PROMETHEUS_*
 */
export async function trafficLevels(
  metrics: Metrics,
  { labels, intervalMs, match }: TrafficSettings,
): Promise<(pods: readonly string[]) => Level> {
  const windowText = `${Math.ceil((scrapes * intervalMs) / 1000)}s`;
  const by = `${labels.namespace}, ${labels.pod}`;
  const rate = (...more: string[]) => {
    const requests = selector('istio_requests_total', 'reporter="destination"', ...more, match);
    return `sum by (${by}) (rate(${requests}[${windowText}]))`;
  };
  const [all, failed] = await Promise.all([metrics.query(rate()), metrics.query(rate('response_code=~"5..|0"'))]);
  const byPod = ({ series }: typeof all) =>
    new Map(series.map(({ labels: its, value }) => [`${its[labels.namespace]}/${its[labels.pod]}`, value]));
  const [served, broken] = [byPod(all), byPod(failed)];
  return (pods) => {
    const sum = (rates: ReadonlyMap<string, number>) =>
      pods.map((pod) => rates.get(pod) ?? 0).reduce((total, each) => total + (Number.isFinite(each) ? each : 0), 0);
    const rps = sum(served);
    return { rps: rounded(rps), errorRatio: rps === 0 ? 0 : Math.min(1, rounded(sum(broken) / rps)) };
  };
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
