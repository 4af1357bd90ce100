import { answered, askedOnce } from '../gate/asking.ts';
import type { Beforehand } from '../gate/gate.ts';
import { ofEachGate } from '../gate/gates/gates.ts';
import type { Finding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { revisionSuffix } from '../model/revision.ts';
import type { Metrics } from '../ports/prometheus.ts';
import { inspectMetricSources } from './metric-sources.ts';

/** @returns `namespace/pod` of pods in these namespaces that do not terminate */
export type LivePods = (namespaces: readonly string[]) => Promise<readonly string[]>;

/**
 * Proves before anything is changed that the gates will get data and that no gate fails already: for the canary wave, under
 * the istiod that it leaves.
 * @throws UpgradeError PROMETHEUS_* when Prometheus itself does not answer
 */
export async function inspectMetrics(
  metrics: Metrics,
  { waves: [canary], from, to, gate: settings, istioNamespace }: Plan,
  { started, now, livePods }: Pick<Beforehand, 'started' | 'now'> & { livePods: LivePods },
): Promise<readonly Finding[]> {
  await metrics.query('vector(1)');
  if (canary === undefined) return [];
  const beforehand: Beforehand = {
    wave: canary.name,
    namespaces: canary.namespaces,
    istiod: `istiod${revisionSuffix(from)}`,
    variables: { revision: to, from },
    settings,
    pods: new Set(await livePods(canary.namespaces)),
    started,
    now,
  };
  const reply = askedOnce(({ query, at }) => metrics.query(query, at));
  const ours = new Set([...beforehand.pods, ...(await livePods([istioNamespace]))]);
  const inspections = [
    inspectMetricSources(beforehand, ours),
    ...ofEachGate((gate) => gate.inspect(beforehand)).flat(),
  ];
  return (await Promise.all(inspections.map((inspection) => answered(inspection, reply)))).flat();
}
