import type { Plan } from '../../model/plan.ts';
import { notAsked, type Workload } from '../../model/world.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { WorkloadObject } from '../../ports/objects.ts';
import { definitionOf, workloadId } from '../../workloads/workloads.ts';
import { observeWebhooks } from '../observe/webhooks.ts';
import { observeNamespaces } from '../observe/workloads.ts';
import { compareRevisions } from './compare-revisions.ts';
import { probeOf } from './probe-of.ts';
import { isRefusedByAdmission } from './read-answer.ts';
import { tryPod } from './try-pod.ts';

/**
 * Why the new pods of a workload would be refused whose controller ends old pods before it makes new ones: a restart would cost it
 * pods. A rollout that may surge is asked by making the first pod. On the way forward a refusal of the new sidecar alone is left to the rollout, which shows that the release is to blame.
 * @returns `undefined` when they are admitted, when that is not known, and for a workload that may surge
 */
export async function refusedInPlace(
  cluster: Cluster,
  workload: Pick<Workload, 'kind' | 'namespace' | 'name'>,
  plan: Plan,
): Promise<string | undefined> {
  const { kind, namespace, name } = workload;
  const { resource, surgePods } = definitionOf(kind);
  // From the mirror: this is asked for every workload that is restarted.
  const listed = (await cluster.list<WorkloadObject>(resource)).find(
    ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
  );
  if (listed === undefined || surgePods(listed, listed.spec.replicas ?? 1) > 0) return undefined;
  const asked = { ...workload, id: workloadId(kind, namespace, name) };
  const pod = await probeOf(cluster, asked);
  if (pod === undefined) return undefined;
  const { answer } = await tryPod(cluster, pod);
  if (!isRefusedByAdmission(answer)) return undefined;
  if (plan.direction === 'back') return answer.refused;
  const [webhooks, namespaces] = await Promise.all([
    observeWebhooks(cluster, plan.istioNamespace),
    observeNamespaces(cluster),
  ]);
  const compared = await compareRevisions(cluster, { ...asked, selector: listed.spec.selector }, [], plan, {
    webhooks,
    namespaces,
  });
  return isRefusedByAdmission(compared.to) && compared.from !== notAsked && isRefusedByAdmission(compared.from)
    ? answer.refused
    : undefined;
}
