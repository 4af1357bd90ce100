import type { Answer, Metrics } from '../ports/prometheus.ts';
import type { Question } from './asking.ts';

/** Asks Prometheus. Of a range, each series has a value for each moment. @throws UpgradeError PROMETHEUS_* */
export async function answerOf(metrics: Metrics, { query, at, range }: Question): Promise<Answer> {
  if (range === undefined) return await metrics.query(query, at);
  const { series, warnings } = await metrics.range(query, range);
  return { series: series.flatMap(({ labels, points }) => points.map((point) => ({ labels, ...point }))), warnings };
}
