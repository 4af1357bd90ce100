/** The reading part of the product alone, in a process of their own: reads a cluster, follows it, looks at it, and says what that weighs. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../src/engine/system-clock.ts';
import { loadTransport } from '../../../src/kubernetes/client-transport.ts';
import { createCluster } from '../../../src/kubernetes/cluster.ts';
import { keepHeapLean } from '../../../src/lean-heap.ts';
import { observeWebhooks } from '../../../src/mesh/observe/webhooks.ts';
import { observeNamespaces, observeWorkloads } from '../../../src/mesh/observe/workloads.ts';
import { followedLists } from '../../../src/mesh/observe.ts';

keepHeapLean();

const istioNamespace = 'istio-system';
const [kubeconfig = '', wanted = ''] = process.argv.slice(2);
const { transport, server } = loadTransport({ env: process.env, kubeconfig });
const cluster = createCluster(transport, { clock: systemClock, userAgent: 'bench', server });

const look = async () => {
  const webhooks = await observeWebhooks(cluster, istioNamespace);
  const namespaces = await observeNamespaces(cluster);
  const { workloads } = await observeWorkloads(cluster, namespaces, webhooks);
  const pods: Record<string, number> = {};
  for (const each of workloads)
    for (const [revision, count] of each.pods) pods[revision] = (pods[revision] ?? 0) + count;
  return { workloads: workloads.length, pods };
};

const tell = (what: string, more: object) => {
  const { heapUsed, rss } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ what, heapUsed, rss, peakRss: peakRss(), ...more })}\n`);
};

await cluster.follow(await followedLists(cluster, istioNamespace));
tell('listed', await look());
// The server of the pods now replaces them all; the last one ends this process.
for (;;) {
  await cluster.changed(1_000, AbortSignal.timeout(120_000));
  const seen = await look();
  if ((seen.pods['1-31-0'] ?? 0) < Number(wanted)) continue;
  tell('replaced', seen);
  break;
}
await sleep(1_000);
(globalThis as { gc?: () => void }).gc?.();
tell('at rest', await look());
process.exit();

/** Of the whole process since its start, as Linux counts it. */
function peakRss(): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error('this system does not say how much memory a process has used');
  return Number(kilobytes) * 1024;
}
