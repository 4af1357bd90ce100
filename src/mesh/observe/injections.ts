import { messageOf } from '../../model/upgrade-error.ts';
import type { Injection, Workload, World } from '../../model/world.ts';
import { Pods } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { Pod } from '../../ports/objects.ts';
import { readTemplate } from './list-workloads.ts';
import { revisionOfPod } from './pod-facts.ts';

/**
 * Asks the API server which proxy a pod created now would get, by a dry run of a real workload's template in each namespace
 * class: all webhooks of Istio run, nothing is created. The answer is exact; labels and `analyze` are guesses (false IST0146 in
 * tagged meshes).
 */
export async function observeInjections(
  cluster: Cluster,
  namespaces: World['namespaces'],
  workloads: readonly Workload[],
): Promise<readonly Injection[]> {
  const representatives = new Map<string, Workload>();
  for (const workload of workloads) {
    const key = classOf(workload, namespaces);
    if (!representatives.has(key)) representatives.set(key, workload);
  }
  return Promise.all([...representatives.values()].map((workload) => probe(cluster, workload)));
}

/** The class of a workload: the same webhook injects the pods of all workloads of a class in the same way. */
function classOf({ namespace, follows, isGateway }: Workload, namespaces: World['namespaces']): string {
  const labels = namespaces.get(namespace)?.labels ?? {};
  return JSON.stringify([labels['istio-injection'], labels['istio.io/rev'], follows?.configurations, isGateway]);
}

async function probe(cluster: Cluster, workload: Workload): Promise<Injection> {
  const { namespace, id } = workload;
  const template = await readTemplate(cluster, workload);
  if (template === undefined) return { namespace, workload: id, outcome: { error: 'the workload is gone' } };
  try {
    const pod = await cluster.create<Pod>(
      Pods,
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: `${workload.name}-dry-run`.slice(0, 63),
          namespace,
          labels: template.metadata?.labels ?? {},
          annotations: template.metadata?.annotations ?? {},
        },
        spec: template.spec,
      },
      { dryRun: true },
    );
    return { namespace, workload: id, outcome: { revision: revisionOfPod(pod) } };
  } catch (failure) {
    return { namespace, workload: id, outcome: { error: messageOf(failure) } };
  }
}
