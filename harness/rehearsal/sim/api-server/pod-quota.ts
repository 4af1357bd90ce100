import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { Pods } from '../../../../src/ports/kinds.ts';
import type { Kind } from '../../../../src/ports/kubernetes.ts';
import type { Pod } from '../../../../src/ports/objects.ts';
import type { Admission, Registry } from './registry.ts';
import { StatusFailure } from './status-failure.ts';

export const ResourceQuotas: Kind = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  namespaced: true,
};

interface ResourceQuota extends KubernetesObject {
  spec: { hard: { pods: string } };
}

/** Of a ResourceQuota only the number of pods is simulated. A pod counts until it is gone or finished. */
export function podQuota(registry: Registry): Admission {
  return ({ operation, resource, namespace = '', object }) => {
    if (operation !== 'CREATE' || resource.plural !== Pods.plural) return object;
    for (const { metadata, spec } of registry.store.list<ResourceQuota>(ResourceQuotas, namespace)) {
      const used = registry.store.list<Pod>(Pods, namespace).filter(isCounted).length;
      if (used < Number(spec.hard.pods)) continue;
      const { name } = object.metadata;
      throw new StatusFailure(
        403,
        'Forbidden',
        `pods "${name}" is forbidden: exceeded quota: ${metadata.name}, requested: pods=1, used: pods=${used}, limited: pods=${spec.hard.pods}`,
        { name, kind: 'pods' },
      );
    }
    return object;
  };
}

const isCounted = ({ status }: Pod): boolean => status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
