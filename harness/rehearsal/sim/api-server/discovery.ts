import type { Catalog } from './catalog.ts';
import { type Resource, SelfSubjectAccessReviews } from './resources.ts';

const Verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const ViewVerbs = ['get', 'patch', 'update'];
/** Namespaces are not deleted by the dozen. */
const Lacking: Readonly<Record<string, readonly string[]>> = { namespaces: ['deletecollection'] };
/** What people type instead of a plural. */
const ShortNames: Readonly<Record<string, readonly string[]>> = {
  configmaps: ['cm'],
  customresourcedefinitions: ['crd', 'crds'],
  daemonsets: ['ds'],
  deployments: ['deploy'],
  events: ['ev'],
  horizontalpodautoscalers: ['hpa'],
  namespaces: ['ns'],
  nodes: ['no'],
  poddisruptionbudgets: ['pdb'],
  pods: ['po'],
  replicasets: ['rs'],
  serviceaccounts: ['sa'],
  services: ['svc'],
  statefulsets: ['sts'],
};

/**
 * What the server says about itself, by which kubectl finds the path of what it was asked for.
 * @param parts of the path: `api`, `api/v1`, `apis`, `apis/GROUP`, `apis/GROUP/VERSION`
 * @returns undefined when nothing of that group and version is served
 */
export function discover(catalog: Catalog, [root, ...parts]: readonly string[]): object | undefined {
  const resources = [...catalog.all(), SelfSubjectAccessReviews];
  if (root === 'api') {
    const [version] = parts;
    if (version === undefined) return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
    return resourceList(resources, '', version);
  }
  const [group, version] = parts;
  const groups = Map.groupBy(
    resources.filter((resource) => resource.group !== ''),
    (resource) => resource.group,
  );
  if (group === undefined)
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: [...groups].map(([name, its]) => groupOf(name, its)) };
  if (version !== undefined) return resourceList(resources, group, version);
  const its = groups.get(group);
  return its && { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, its) };
}

function groupOf(name: string, resources: readonly Resource[]): object {
  const versions = [...new Set(resources.map(({ version }) => version))].map((version) => ({
    groupVersion: `${name}/${version}`,
    version,
  }));
  return { name, versions, preferredVersion: versions[0] };
}

function resourceList(all: readonly Resource[], group: string, version: string): object | undefined {
  const resources = all.filter((resource) => resource.group === group && resource.version === version);
  const [first] = resources;
  return (
    first && {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: first.apiVersion,
      resources: resources.flatMap((resource) => [
        described(resource),
        ...resource.subresources.map((name) => subresource(resource, name)),
      ]),
    }
  );
}

function described(resource: Resource): object {
  const { plural: name, singular: singularName, namespaced, kind } = resource;
  const shortNames = ShortNames[name];
  const verbs =
    resource === SelfSubjectAccessReviews ? ['create'] : Verbs.filter((verb) => !Lacking[name]?.includes(verb));
  return { name, singularName, namespaced, kind, verbs, ...(shortNames ? { shortNames } : {}) };
}

function subresource({ plural, namespaced, kind }: Resource, name: string): object {
  const of = { name: `${plural}/${name}`, singularName: '', namespaced };
  if (name === 'scale') return { ...of, group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ViewVerbs };
  if (name === 'eviction') return { ...of, group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] };
  return { ...of, kind, verbs: ViewVerbs };
}
