import type { Inventory } from '../../../src/inventory/inventory-schema.ts';
import { podFacts } from '../../../src/mesh/observe/pod-facts.ts';
import { HealthyStages } from '../sim/controllers/pod-stages.ts';
import type { Sim } from '../sim/create-sim.ts';

/** A mesh that has served for a while: Prometheus has samples to compare. */
const servedMs = 10 * 60_000;

/** Gives the pods the times and the traffic that were measured, and lets them serve. */
export async function serveAsMeasured(sim: Sim, inventory: Inventory): Promise<void> {
  readyAsMeasured(sim, inventory);
  for (const { namespace, name, traffic, pods, gateway } of inventory.workloads) {
    if (traffic === null) continue;
    const count = Object.values(pods).reduce((sum, each) => sum + each, 0);
    const workload = gateway === null ? name : `${gateway}-istio`;
    sim.traffic.setRate({ namespace, workload, rps: count === 0 ? 0 : traffic.rps / count });
    if (traffic.errorRatio > 0) sim.traffic.setErrorRatio({ namespace, workload, ratio: traffic.errorRatio });
  }
  await sim.advance(servedMs);
}

/** What was measured is the whole way from creation to ready; the last step takes what the others leave of it. */
function readyAsMeasured(sim: Sim, { workloads }: Inventory): void {
  const ready = HealthyStages.find(({ name }) => name === 'ready');
  if (ready === undefined) throw new Error('the simulated kubelet has no stage ready');
  const before = HealthyStages.filter(({ name }) => name === 'schedule' || name === 'start')
    .map(({ delayMs, jitterMs }) => delayMs + jitterMs / 2)
    .reduce((sum, each) => sum + each, 0);
  const delays = new Map<string, number>(
    workloads.flatMap(({ kind, namespace, name, readySeconds }) =>
      readySeconds === null
        ? []
        : [[`${kind} ${namespace}/${name}`, Math.max(0, Math.round(readySeconds * 1000 - before))] as const],
    ),
  );
  for (const delayMs of new Set(delays.values()))
    sim.kubelet.addRule({
      matches: (pod) => delays.get(podFacts(pod).owner) === delayMs,
      // As much spread as the kubelet of the simulator has by itself, around the median.
      stage: { ...ready, delayMs: delayMs * 0.9, jitterMs: delayMs * 0.2 },
    });
}
