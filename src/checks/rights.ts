import { istiodObjects } from '../mesh/istiod-objects.ts';
import { servedWorkloads } from '../mesh/observe/list-workloads.ts';
import { defineFinding, problemOf } from '../model/finding.ts';
import { type InstallerKind, installerOf } from '../model/installer-kind.ts';
import type { Plan } from '../model/plan.ts';
import { defineError } from '../model/upgrade-error.ts';
import { type WorkloadKind, workloadKinds } from '../model/workload-kind.ts';
import type { Cluster, Kind, Right } from '../ports/kubernetes.ts';
import { definitionOf } from '../workloads/workloads.ts';
import type { FindingOf } from './define-check.ts';

export const RbacMissing = defineError({
  code: 'RBAC_MISSING',
  title: 'This user lacks rights that the command needs.',
  cause: 'The roles of deploy/rbac.yaml are not bound to this user, or an older version of them is.',
  /** @param shown how many rights are named; all when left out */
  message: (denied: readonly string[], shown: number = denied.length) =>
    `This user may not ${denied.slice(0, shown).join(', ')}${denied.length > shown ? ` and ${denied.length - shown} more` : ''}.`,
  hint: 'Bind the roles of deploy/rbac.yaml to this user, and where Helm installs those of deploy/rbac-helm.yaml.',
  actor: 'mesh operator',
  state: 'Nothing was changed.',
  exit: 'blocked',
  blames: 'person',
  rulesOutIstioctl: true,
});

const RightsUnknown = defineFinding({
  code: 'RIGHTS_UNKNOWN',
  severity: 'notes',
  title: 'The user of this check may only read, so the rights of the upgrade are unknown.',
  cause:
    'The check runs with a read-only role, as a pull request should. Only the user that upgrades can ask for its own rights.',
  fix: 'Do nothing if the upgrade runs with the roles of deploy/rbac.yaml; else bind them to its user.',
  blames: 'person',
});

export const rightsFindings = [RbacMissing, RightsUnknown] as const;

/** Whether this user may do all that the verb needs; one finding names every right that is missing. */
export async function inspectRights(
  cluster: Cluster,
  plan: Plan,
  scope: Scope,
): Promise<readonly FindingOf<typeof rightsFindings>[]> {
  // A user that may do everything, as `kubectl auth can-i '*' '*'` asks, is found by one request instead of a hundred.
  const [isAdmin] = await cluster.may([{ verb: '*', group: '*', resource: '*' }]);
  if (isAdmin === true) return [];
  const { istioNamespace, byLabel } = plan;
  const served = await servedWorkloads(cluster);
  const labels = byLabel !== undefined && scope !== 'look';
  const rights = [...rightsFor(scope, istioNamespace, served, installerOf(plan)), ...(labels ? labelling : [])];
  const allowed = await cluster.may(rights);
  const denied = rights.filter((_, index) => allowed[index] !== true).map(describeRight);
  if (denied.length === 0) return [];
  const granted = rights.filter((_, index) => allowed[index] === true);
  if (scope === 'check' && isReader(granted, istioNamespace, served))
    return [
      RightsUnknown.of(
        'This user may only read. Whether the user of the upgrade has all rights is checked when the upgrade runs.',
      ),
    ];
  return [problemOf(RbacMissing.of(denied, 3), denied)];
}

/** What each verb must be allowed to do; the API server is asked for each right before anything is changed. `check` asks on behalf of the upgrade. */
export type Scope = 'look' | 'check' | 'rollback' | 'upgrade';

type Table = readonly (readonly [verbs: string, group: string, resources: string, namespaced?: 'istio'])[];

const groupOf = ({ apiVersion }: Kind): string => (apiVersion.includes('/') ? apiVersion.replace(/\/.*/, '') : '');

const looking: Table = [
  ['get list watch', '', 'namespaces'],
  ['list watch', '', 'pods'],
  ['get', '', 'configmaps', 'istio'],
  // The lock.
  ['get', 'coordination.k8s.io', 'leases', 'istio'],
  ['list watch', 'discovery.k8s.io', 'endpointslices', 'istio'],
  ['list watch', 'admissionregistration.k8s.io', 'mutatingwebhookconfigurations validatingwebhookconfigurations'],
  // What they select divides the dry-run pods into classes.
  ['list', 'admissionregistration.k8s.io', 'validatingadmissionpolicies validatingadmissionpolicybindings'],
  ['list watch', 'apiextensions.k8s.io', 'customresourcedefinitions'],
  // `istioctl analyze` waits for ever for kinds that it may not list.
  ['list watch', '', 'services configmaps secrets nodes'],
  [
    'list watch',
    'networking.istio.io',
    'destinationrules envoyfilters gateways proxyconfigs serviceentries sidecars virtualservices workloadentries workloadgroups',
  ],
  ['list watch', 'security.istio.io', 'authorizationpolicies peerauthentications requestauthentications'],
  ['list watch', 'telemetry.istio.io', 'telemetries'],
  ['list watch', 'extensions.istio.io', 'wasmplugins'],
  // The dry run of a pod is a create like any other to the authorizer; nothing is stored.
  ['create', '', 'pods'],
];

const goingBack: Table = [
  ['create update', '', 'configmaps', 'istio'],
  ['create update', 'coordination.k8s.io', 'leases', 'istio'],
  // The tag.
  ['create patch', 'admissionregistration.k8s.io', 'mutatingwebhookconfigurations validatingwebhookconfigurations'],
  ['get', 'admissionregistration.k8s.io', 'validatingwebhookconfigurations'],
  ['create patch', '', 'services', 'istio'],
  // Parts of the tag that it did not have before the upgrade.
  ['delete', 'admissionregistration.k8s.io', 'validatingwebhookconfigurations'],
  ['delete', '', 'services', 'istio'],
];

/** With strategy canary-first: the part canary-first of deploy/rbac.yaml. */
const labelling: readonly Right[] = [{ verb: 'patch', group: '', resource: 'namespaces' }];

const here = ({ namespaced }: Kind): ['istio'] | [] => (namespaced ? ['istio'] : []);

/** By the installer: the new istiod, the removal of the old one, and the streams of `proxy-status`. */
const installing: Table = [
  ...istiodObjects.map(
    ({ resource }) => ['create patch delete', groupOf(resource), resource.plural, ...here(resource)] as const,
  ),
  // `istioctl uninstall` looks in all namespaces, and removes nothing when it may not list one of these.
  ...istiodObjects.map(({ resource, staysAfterUninstall }) =>
    staysAfterUninstall === true
      ? (['list', groupOf(resource), resource.plural, ...here(resource)] as const)
      : (['list', groupOf(resource), resource.plural] as const),
  ),
  ['get', 'apps', 'deployments', 'istio'],
  // `istioctl install` waits for the new istiod by its ReplicaSets.
  ['list', 'apps', 'replicasets', 'istio'],
  ['get create patch', 'apiextensions.k8s.io', 'customresourcedefinitions'],
  ['get', '', 'pods', 'istio'],
  ['create', '', 'pods/portforward serviceaccounts/token', 'istio'],
];

/** In addition: helm reads each object before it writes it, and keeps its releases in Secrets. */
const byHelm: Table = [
  ['get list create update patch delete', '', 'secrets', 'istio'],
  ...istiodObjects.map(({ resource }) => ['get', groupOf(resource), resource.plural, ...here(resource)] as const),
];

const upgrading: Table = [...looking, ...goingBack, ...installing];
const tables: Readonly<Record<Scope, Table>> = {
  look: looking,
  check: upgrading,
  rollback: [...looking, ...goingBack],
  upgrade: upgrading,
};

/** Of each kind of workload: it is followed, and patched to restart it. */
const verbsOnWorkloads: Readonly<Record<Scope, string>> = {
  look: 'list watch',
  check: 'list watch patch',
  rollback: 'list watch patch',
  upgrade: 'list watch patch',
};

/** Whether of all that an upgrade writes this user may write nothing. @param allowed what it may of `rightsFor('upgrade')` */
export function isReader(
  allowed: readonly Right[],
  istioNamespace: string,
  served: readonly WorkloadKind[] = workloadKinds,
): boolean {
  const looks = new Set(rightsFor('look', istioNamespace, served).map(describeRight));
  const readsAll = [...looks].every((look) => allowed.some((right) => describeRight(right) === look));
  return (
    readsAll && allowed.every((right) => looks.has(describeRight(right)) || /^(?:get|list|watch)$/.test(right.verb))
  );
}

/**
 * Each right once.
 * @param served the kinds of workload that the cluster serves: of others no right is needed
 * @param installer what installs, for an upgrade
 */
export function rightsFor(
  scope: Scope,
  istioNamespace: string,
  served: readonly WorkloadKind[] = workloadKinds,
  installer: InstallerKind = 'istioctl',
): readonly Right[] {
  const installs = tables[scope] === upgrading && installer === 'helm' ? byHelm : [];
  const onWorkloads = served.map((kind): Table[number] => {
    const { resource } = definitionOf(kind);
    return [verbsOnWorkloads[scope], groupOf(resource), resource.plural];
  });
  const rights = [...tables[scope], ...installs, ...onWorkloads].flatMap(([verbs, group, resources, where]) =>
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
  return [...new Map(rights.map((right) => [describeRight(right), right])).values()];
}

/** `patch deployments.apps in istio-system` */
export function describeRight({ verb, group, resource, subresource, namespace }: Right): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}${namespace === undefined ? '' : ` in ${namespace}`}`;
}
