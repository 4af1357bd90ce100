/** The part of the product that watches a wave, in a separate process: follows a cluster, asks Prometheus, judges, and says what that costs. */
import { readFileSync } from 'node:fs';
import { systemClock } from '../../../../src/engine/system-clock.ts';
import { loadTransport } from '../../../../src/kubernetes/client-transport.ts';
import { createCluster } from '../../../../src/kubernetes/cluster.ts';
import { keepHeapLean } from '../../../../src/lean-heap.ts';
import { observeJudged } from '../../../../src/mesh/observe/judged.ts';
import { observeWebhooks } from '../../../../src/mesh/observe/webhooks.ts';
import { observeNamespaces, observeWorkloads } from '../../../../src/mesh/observe/workloads.ts';
import { followedLists } from '../../../../src/mesh/observe.ts';
import type { Marks } from '../../../../src/model/marks.ts';
import type { Plan } from '../../../../src/model/plan.ts';
import { createMetrics } from '../../../../src/prometheus/client.ts';

keepHeapLean();

interface Task {
  kubeconfig: string;
  prometheus: string;
  plan: Plan;
  steps: readonly { what: string; pods: number; marks: Marks; looks: readonly number[] }[];
}

const istioNamespace = 'istio-system';
const task = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Task;
const { transport, server } = loadTransport({ env: process.env, kubeconfig: task.kubeconfig });
const cluster = createCluster(transport, { clock: systemClock, userAgent: 'bench', server });
const metrics = createMetrics(
  { url: task.prometheus, timeoutMs: 1_800_000 },
  { clock: systemClock, env: {}, random: () => 0 },
);

const meshOf = async () => {
  const webhooks = await observeWebhooks(cluster, istioNamespace);
  const namespaces = await observeNamespaces(cluster);
  const { workloads } = await observeWorkloads(cluster, namespaces, webhooks);
  return { namespaces, workloads };
};

const tell = (what: string, more: object) => {
  const { heapUsed, rss } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ what, heapUsed, rss, peakRss: peakRss(), ...more })}\n`);
};

await cluster.follow(await followedLists(cluster, istioNamespace));
const { workloads } = await meshOf();
tell('listed', { workloads: workloads.length });
for (const { what, pods, marks, looks } of task.steps) {
  // The server replaces pods when it has read the line before.
  for (;;) {
    const seen = await meshOf();
    const renewed = seen.workloads.flatMap(({ podNames }) => podNames.get(task.plan.to) ?? []).length;
    if (renewed >= pods) break;
    await cluster.changed(1_000, AbortSignal.timeout(120_000));
  }
  for (const now of looks) {
    const mesh = await meshOf();
    const began = process.cpuUsage();
    const [judged] = await observeJudged(metrics, { ...mesh, marks, now }, task.plan);
    const { user, system } = process.cpuUsage(began);
    if (judged === undefined) throw new Error(`nothing is judged while ${what}`);
    const { requests, errors } = judged.evidence.gates.serverSide;
    tell(what, {
      cpuMs: (user + system) / 1000,
      verdict: judged.verdict,
      reason: judged.reason.slice(0, 200),
      requests,
      errors,
    });
  }
}
process.exit();

/** Of the whole process since its start, as Linux counts it. */
function peakRss(): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error('this system does not say how much memory a process has used');
  return Number(kilobytes) * 1024;
}
