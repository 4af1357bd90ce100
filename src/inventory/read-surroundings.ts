import { selects } from '../mesh/label-selector.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { Workload } from '../model/world.ts';
import { DisruptionBudgets, GatewayApiGateways } from '../ports/kinds.ts';
import type { Cluster, Kind } from '../ports/kubernetes.ts';
import type { PodDisruptionBudget } from '../ports/objects.ts';
import type { Inventory } from './inventory-schema.ts';
import type { Unread } from './unread.ts';

const Autoscalers: Kind = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  namespaced: true,
};

interface Autoscaler extends KubernetesObject {
  spec: { scaleTargetRef: { kind: string; name: string }; minReplicas?: number; maxReplicas: number };
}

/** Objects that affect the workloads. The read-only role does not include all of them; the inventory then lists the missing ones by name. */
export async function readSurroundings(
  cluster: Cluster,
  workloads: readonly Workload[],
  unread: Unread,
): Promise<Pick<Inventory, 'gateways' | 'disruptionBudgets' | 'autoscalers'>> {
  const [gateways = [], budgets = [], autoscalers = []] = await Promise.all([
    unread.unless('Gateways of the Gateway API', cluster.list(GatewayApiGateways)),
    unread.unless('PodDisruptionBudgets', cluster.list<PodDisruptionBudget>(DisruptionBudgets)),
    unread.unless('HorizontalPodAutoscalers', cluster.list<Autoscaler>(Autoscalers)),
  ]);
  const known = new Set(workloads.map(({ id }) => id));
  return {
    gateways: gateways.map(({ metadata }) => ({ namespace: metadata.namespace ?? '', name: metadata.name })),
    disruptionBudgets: budgets.flatMap((budget) => budgetEntry(budget, workloads)),
    autoscalers: autoscalers
      .map(({ metadata: { namespace = '' }, spec: { scaleTargetRef, minReplicas = 1, maxReplicas } }) => ({
        namespace,
        kind: scaleTargetRef.kind,
        workload: scaleTargetRef.name,
        min: minReplicas,
        max: maxReplicas,
      }))
      .filter(({ namespace, kind, workload }) => known.has(`${kind} ${namespace}/${workload}`)),
  };
}

function budgetEntry(
  { metadata: { namespace = '' }, spec: { selector, minAvailable, maxUnavailable } }: PodDisruptionBudget,
  workloads: readonly Workload[],
): Inventory['disruptionBudgets'] {
  const chosen = workloads.filter(
    (workload) =>
      workload.namespace === namespace && selector !== undefined && selects(selector, workload.template.labels),
  );
  if (chosen.length === 0) return [];
  return [
    {
      namespace,
      workloads: chosen.map(({ name }) => name),
      ...(minAvailable === undefined ? {} : { minAvailable }),
      ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
    },
  ];
}
