import { messageOf } from '../../model/upgrade-error.ts';
import type { Injection, Workload, World } from '../../model/world.ts';
import { Pods } from '../../ports/kinds.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { Pod, WorkloadObject } from '../../ports/objects.ts';
import { definitionOf } from '../../workloads/workloads.ts';
import { revisionOfPod } from './pod-facts.ts';

/**
 * Asks the API server what pods born now would get, by a dry run of a real workload's template in each namespace class:
 * all of Istio's webhooks run, nothing is created. An exact oracle, where labels and `analyze` are guesses (false IST0146
 * in tagged meshes).
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

/** Workloads whose pods the same webhook injects in the same way. */
function classOf({ namespace, follows, isGateway }: Workload, namespaces: World['namespaces']): string {
  const labels = namespaces.get(namespace)?.labels ?? {};
  return JSON.stringify([labels['istio-injection'], labels['istio.io/rev'], follows?.configurations, isGateway]);
}

async function probe(cluster: Cluster, workload: Workload): Promise<Injection> {
  const { namespace, id } = workload;
  // The list that is followed has not the whole template; the right to list is there already, to get is another.
  const fieldSelector = `metadata.name=${workload.name}`;
  const { resource } = definitionOf(workload.kind);
  const [object] = await cluster.list<WorkloadObject>(resource, { namespace, fieldSelector });
  if (object === undefined) return { namespace, workload: id, outcome: { error: 'the workload is gone' } };
  const { template } = object.spec;
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
