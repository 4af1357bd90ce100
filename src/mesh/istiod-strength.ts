import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { Values } from '../model/values.ts';
import type { WorkloadObject } from '../ports/objects.ts';

interface Around {
  /** `unread`: whether there is one is not known. */
  autoscaler: KubernetesObject | 'unread' | undefined;
  budget: KubernetesObject | undefined;
  policy: KubernetesObject | undefined;
}

/**
 * How many pods an istiod has at least, and what scales, guards and shields them, under the paths of the values that set it. Where an
 * autoscaler sets the number of pods, that of the Deployment says only what is needed at the moment.
 */
export function strengthOf({ spec }: WorkloadObject, { autoscaler, budget, policy }: Around): Values {
  const { minAvailable, maxUnavailable } = specOf(budget);
  return {
    pilot: {
      ...(autoscaler === 'unread' ? {} : podsOf(spec.replicas, autoscaler)),
      pdb: { minAvailable, maxUnavailable },
    },
    global: { networkPolicy: { enabled: policy === undefined ? undefined : true } },
  };
}

function podsOf(replicas: number | undefined, autoscaler: KubernetesObject | undefined): Values {
  const { minReplicas, maxReplicas } = specOf(autoscaler);
  return autoscaler === undefined
    ? { replicaCount: replicas ?? 1 }
    : { autoscaleMin: minReplicas ?? 1, autoscaleMax: maxReplicas };
}

const specOf = (object: KubernetesObject | undefined): Values => (object as { spec?: Values } | undefined)?.spec ?? {};
