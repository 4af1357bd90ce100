import { cases } from '../contract-case.ts';
import { at } from '../observation.ts';
import type { Scene } from '../scene.ts';

/** The resources that the product and its users' kubectl ask for, by group and version. */
const Asked: Readonly<Record<string, readonly string[]>> = {
  '/api/v1': [
    'namespaces',
    'nodes',
    'pods',
    'pods/eviction',
    'services',
    'configmaps',
    'secrets',
    'serviceaccounts',
    'events',
  ],
  '/apis/apps/v1': [
    'deployments',
    'deployments/scale',
    'deployments/status',
    'replicasets',
    'statefulsets',
    'statefulsets/scale',
    'daemonsets',
    'daemonsets/status',
    'controllerrevisions',
  ],
  '/apis/admissionregistration.k8s.io/v1': ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
  '/apis/coordination.k8s.io/v1': ['leases'],
  '/apis/policy/v1': ['poddisruptionbudgets', 'poddisruptionbudgets/status'],
  '/apis/autoscaling/v2': ['horizontalpodautoscalers'],
  '/apis/discovery.k8s.io/v1': ['endpointslices'],
  '/apis/rbac.authorization.k8s.io/v1': ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'],
  '/apis/authorization.k8s.io/v1': ['selfsubjectaccessreviews'],
};

async function described(s: Scene, path: string): Promise<object> {
  const { body } = await s.get(path);
  const resources = (at(body, 'resources') ?? []) as Record<string, unknown>[];
  const found = resources.filter(({ name }) => Asked[path]?.includes(String(name)));
  return {
    kind: at(body, 'kind'),
    groupVersion: at(body, 'groupVersion'),
    resources: Object.fromEntries(
      found.map(({ name, singularName, namespaced, kind, verbs, shortNames }) => [
        name,
        { singularName, namespaced, kind, shortNames, verbs: String(verbs) },
      ]),
    ),
  };
}

/** How clients find their way. */
export const DiscoveryCases = cases({
  ...Object.fromEntries(Object.keys(Asked).map((path) => [`discovery of ${path}`, (s: Scene) => described(s, path)])),
  'discovery of the core versions': async (s) => {
    const { body } = await s.get('/api');
    return { kind: at(body, 'kind'), versions: at(body, 'versions') };
  },
  'discovery of the groups': async (s) => {
    const { body } = await s.get('/apis');
    const wanted = Object.keys(Asked).map((path) => path.split('/')[2]);
    const groups = (at(body, 'groups') as unknown[]).filter((group) => wanted.includes(String(at(group, 'name'))));
    return {
      kind: at(body, 'kind'),
      apiVersion: at(body, 'apiVersion'),
      groups: groups.map((group) => `${at(group, 'name')} ${at(group, 'preferredVersion/groupVersion')}`).sort(),
    };
  },
  'discovery of one group': async (s) => {
    const { body } = await s.get('/apis/apps');
    return {
      kind: at(body, 'kind'),
      apiVersion: at(body, 'apiVersion'),
      name: at(body, 'name'),
      preferred: at(body, 'preferredVersion'),
    };
  },
  'discovery of a group that is not there': async (s) => {
    const { status, body } = await s.get('/apis/missing.example.org');
    return { status, body };
  },
  'the version of the server': async (s) => {
    const { body } = await s.get('/version');
    return { major: at(body, 'major'), minor: at(body, 'minor'), gitVersion: at(body, 'gitVersion') };
  },
  'health in words': async (s) => (await s.get('/readyz')).body,
});
