import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { Namespaces } from '../../../../src/ports/kinds.ts';
import type { Kind } from '../../../../src/ports/kubernetes.ts';
import { type SeedNamespace, seedObjects } from '../../../rehearsal/sim/seed-mesh.ts';
import { benchMesh } from '../bench-task.ts';

/** The pods of the three services of each namespace: 300 namespaces have 900 workloads and 3,000 pods. */
const services = [3, 3, 4] as const;

/** The mesh that both the lab and the simulator carry. */
export const sizeMesh = (namespaces: number): readonly SeedNamespace[] => benchMesh(namespaces, services);

export interface Creation {
  path: string;
  object: object;
}

/** What an API server is asked to create for this mesh; namespaces first. */
export function creationsOf(mesh: readonly SeedNamespace[]): { namespaces: Creation[]; workloads: Creation[] } {
  return {
    namespaces: mesh.map(({ name, labels = {} }) => creation(Namespaces, { metadata: { name, labels } })),
    workloads: mesh.flatMap(({ name, workloads = [] }) =>
      workloads.flatMap((workload) =>
        seedObjects(name, workload).map(({ resource, object }) => creation(resource, object)),
      ),
    ),
  };
}

function creation({ apiVersion, kind, plural }: Kind, object: KubernetesObject): Creation {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const { namespace } = object.metadata;
  const folder = namespace === undefined ? root : `${root}/namespaces/${namespace}`;
  return { path: `${folder}/${plural}`, object: { apiVersion, kind, ...object } };
}

/**
 * Gives each sidecar only the services of the same namespace, as Istio advises for a mesh of this size: without it istiod sends every
 * proxy the configuration of every service.
 */
export const ownNamespaceOnly: Creation = {
  path: '/apis/networking.istio.io/v1/namespaces/istio-system/sidecars',
  object: {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Sidecar',
    metadata: { name: 'default', namespace: 'istio-system' },
    spec: { egress: [{ hosts: ['./*'] }] },
  },
};

/** Lets the ServiceAccount of deploy/rbac.yaml reach Prometheus through the API server. */
export function prometheusAccess(): Creation[] {
  const metadata = { name: 'istio-canary-upgrade', namespace: 'monitoring' };
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata };
  const folder = '/apis/rbac.authorization.k8s.io/v1/namespaces/monitoring';
  return [
    {
      path: `${folder}/roles`,
      object: { ...rbac, kind: 'Role', rules: [{ apiGroups: [''], resources: ['services/proxy'], verbs: ['get'] }] },
    },
    {
      path: `${folder}/rolebindings`,
      object: {
        ...rbac,
        kind: 'RoleBinding',
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
        subjects: [{ kind: 'ServiceAccount', name: 'istio-canary-upgrade', namespace: 'istio-system' }],
      },
    },
  ];
}
