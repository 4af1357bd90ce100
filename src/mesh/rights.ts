import type { Right } from '../kubernetes/port.ts';

/** What each verb must be allowed to do; asked of the API server by name before anything is touched. */
export type Scope = 'look' | 'upgrade';

type Table = readonly (readonly [verbs: string, group: string, resources: string, namespaced?: 'istio'])[];

const looking: Table = [
  ['get list watch', '', 'namespaces pods services configmaps'],
  ['list watch', 'apps', 'deployments statefulsets daemonsets'],
  ['list watch', 'discovery.k8s.io', 'endpointslices'],
  ['list watch', 'admissionregistration.k8s.io', 'mutatingwebhookconfigurations validatingwebhookconfigurations'],
  ['list', 'apiextensions.k8s.io', 'customresourcedefinitions'],
  // The dry run of a pod is a create like any other to the authorizer; nothing is stored.
  ['create', '', 'pods'],
];

const changing: Table = [
  ['patch', 'apps', 'deployments statefulsets daemonsets'],
  ['create update', '', 'configmaps', 'istio'],
  // By istioctl: the tag, the new istiod, the removal of the old one, and the streams of `proxy-status`.
  [
    'create patch delete',
    'admissionregistration.k8s.io',
    'mutatingwebhookconfigurations validatingwebhookconfigurations',
  ],
  ['create patch delete', '', 'services serviceaccounts configmaps', 'istio'],
  ['create patch delete', 'apps', 'deployments', 'istio'],
  ['create patch delete', 'rbac.authorization.k8s.io', 'roles rolebindings', 'istio'],
  ['create patch delete', 'rbac.authorization.k8s.io', 'clusterroles clusterrolebindings'],
  ['create patch', 'apiextensions.k8s.io', 'customresourcedefinitions'],
  ['create', '', 'pods/portforward serviceaccounts/token', 'istio'],
];

export function rightsFor(scope: Scope, istioNamespace: string): readonly Right[] {
  return (scope === 'look' ? looking : [...looking, ...changing]).flatMap(([verbs, group, resources, where]) =>
    resources.split(' ').flatMap((name) =>
      verbs.split(' ').map((verb): Right => {
        const [resource = name, subresource] = name.split('/');
        return {
          verb,
          group,
          resource,
          ...(subresource === undefined ? {} : { subresource }),
          ...(where === undefined ? {} : { namespace: istioNamespace }),
        };
      }),
    ),
  );
}

/** `patch deployments.apps in istio-system` */
export function describeRight({ verb, group, resource, subresource, namespace }: Right): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}${namespace === undefined ? '' : ` in ${namespace}`}`;
}
