import { stringify } from 'yaml';
import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { merged, type Values } from '../../../../src/model/values.ts';
import {
  Autoscalers,
  ClusterRoleBindings,
  ClusterRoles,
  ConfigMaps,
  CustomResourceDefinitions,
  Deployments,
  MutatingWebhooks,
  NetworkPolicies,
  RoleBindings,
  Roles,
  ServiceAccounts,
  Services,
  ValidatingWebhooks,
} from '../../../../src/ports/kinds.ts';
import type { Kind } from '../../../../src/ports/kubernetes.ts';
import { ChartLabels, type Manifested, operatorLabels } from './manifest.ts';
import { IstioNamespace, injectorName, istiodName, RevisionLabel, suffixOf, validatorName } from './names.ts';
import { ConfigOf, injectionWebhooks, validationWebhook } from './webhooks.ts';

/** `plural.group`, with the kind: what `uninstall --purge` lists. */
const Definitions: readonly (readonly [name: string, kind: string])[] = [
  ['authorizationpolicies.security.istio.io', 'AuthorizationPolicy'],
  ['destinationrules.networking.istio.io', 'DestinationRule'],
  ['envoyfilters.networking.istio.io', 'EnvoyFilter'],
  ['gateways.networking.istio.io', 'Gateway'],
  ['peerauthentications.security.istio.io', 'PeerAuthentication'],
  ['proxyconfigs.networking.istio.io', 'ProxyConfig'],
  ['requestauthentications.security.istio.io', 'RequestAuthentication'],
  ['serviceentries.networking.istio.io', 'ServiceEntry'],
  ['sidecars.networking.istio.io', 'Sidecar'],
  ['telemetries.telemetry.istio.io', 'Telemetry'],
  ['trafficextensions.extensions.istio.io', 'TrafficExtension'],
  ['virtualservices.networking.istio.io', 'VirtualService'],
  ['wasmplugins.extensions.istio.io', 'WasmPlugin'],
  ['workloadentries.networking.istio.io', 'WorkloadEntry'],
  ['workloadgroups.networking.istio.io', 'WorkloadGroup'],
];

/** Istio core: shared by all revisions, never removed with one of them. */
export function coreManifest(revision: string, version: string): Manifested[] {
  const labels = {
    ...operatorLabels('Base', version),
    'app.kubernetes.io/part-of': 'istio',
    // That of the last installation.
    [RevisionLabel]: revision,
    release: 'istio',
  };
  return [
    ...Definitions.map(([name, kind]) => ({ kind: CustomResourceDefinitions, object: definition(name, kind, labels) })),
    {
      kind: ServiceAccounts,
      object: { metadata: { name: 'istio-reader-service-account', namespace: IstioNamespace, labels } },
    },
  ];
}

/** An object without its metadata, and the labels that only it has. */
type Body = { labels?: Record<string, string> } & Record<string, unknown>;

/** The values of the charts that are simulated; the others are kept, and change nothing. */
interface Charts {
  global?: { hub?: string; tag?: string | number; networkPolicy?: { enabled?: boolean } };
  meshConfig?: Values;
  pilot?: {
    env?: Readonly<Record<string, unknown>>;
    resources?: Values;
    autoscaleMin?: number;
    autoscaleMax?: number;
  };
}

/** Everything that one istiod consists of, in the order in which an uninstall removes it. */
export function istiodManifest(revision: string, version: string, values: Values = {}): Manifested[] {
  const { global: common = {}, meshConfig = {}, pilot = {} } = values as Charts;
  const suffix = suffixOf(revision);
  const labels: Record<string, string> = {
    ...ChartLabels,
    ...operatorLabels('Pilot', version),
    [RevisionLabel]: revision,
  };
  const place = (
    kind: Kind,
    metadata: { name: string; namespace?: string },
    { labels: own, ...body }: Body,
  ): Manifested => ({
    kind,
    object: { ...body, metadata: { ...metadata, labels: { ...labels, ...own } } },
  });
  const local = (kind: Kind, name: string, body: Body) => place(kind, { name, namespace: IstioNamespace }, body);
  const global = (kind: Kind, name: string, body: Body) => place(kind, { name }, body);
  const clusterNames = ['istio-reader-clusterrole', 'istiod-clusterrole', 'istiod-gateway-controller'].map(
    (name) => `${name}${suffix}-${IstioNamespace}`,
  );
  const subject = { kind: 'ServiceAccount', name: istiodName(revision), namespace: IstioNamespace };
  const { 'install.operator.istio.io/owning-resource': _, ...validatorLabels } = labels;
  return [
    local(Deployments, istiodName(revision), {
      labels: { app: 'istiod', istio: 'pilot' },
      ...istiodDeployment(revision, `${common.hub ?? Hub}/pilot:${common.tag ?? version}`, pilot),
    }),
    local(Services, istiodName(revision), {
      labels: { app: 'istiod', istio: 'pilot' },
      spec: istiodService(revision, ...ownSelector(revision)),
    }),
    local(ConfigMaps, `istio${suffix}`, { data: meshConfigMap(revision, meshConfig) }),
    local(ConfigMaps, injectorName(revision), {
      data: { config: 'policy: enabled\n', values: JSON.stringify(injectorValues(revision, version, values)) },
    }),
    local(ConfigMaps, `values${suffix}`, {
      data: {
        'merged-values': JSON.stringify(effectiveValues(revision, version, values)),
        'original-values': JSON.stringify(originalValues(revision, version, values)),
      },
    }),
    local(ServiceAccounts, istiodName(revision), { labels: { app: 'istiod' } }),
    local(RoleBindings, istiodName(revision), { roleRef: roleRef('Role', istiodName(revision)), subjects: [subject] }),
    local(Roles, istiodName(revision), { rules: [] }),
    local(Autoscalers, istiodName(revision), {
      labels: { app: 'istiod' },
      spec: {
        minReplicas: pilot.autoscaleMin ?? 1,
        maxReplicas: pilot.autoscaleMax ?? 5,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: istiodName(revision) },
      },
    }),
    // Of a kind that an uninstall does not look at, so that it stays: operator/pkg/uninstall/prune.go of 1.31.
    ...(common.networkPolicy?.enabled === true
      ? [
          local(NetworkPolicies, istiodName(revision), {
            labels: { app: 'istiod', istio: 'pilot' },
            spec: {
              podSelector: { matchLabels: { app: 'istiod', [RevisionLabel]: revision } },
              policyTypes: ['Ingress', 'Egress'],
            },
          }),
        ]
      : []),
    global(MutatingWebhooks, injectorName(revision), {
      labels: { app: 'sidecar-injector' },
      webhooks: injectionWebhooks(revision, revision, undefined),
    }),
    {
      kind: ValidatingWebhooks,
      object: {
        metadata: { name: validatorName(revision), labels: { ...validatorLabels, app: 'istiod', istio: 'istiod' } },
        webhooks: [
          // Ignore until istiod itself has seen that it answers: 34-install-failures.
          {
            ...validationWebhook('rev.validation.istio.io', revision, ConfigOf.revision(revision), undefined),
            failurePolicy: 'Ignore',
          },
        ],
      } as KubernetesObject,
    },
    ...clusterNames.map((name) => global(ClusterRoles, name, { rules: [] })),
    ...clusterNames.map((name) =>
      global(ClusterRoleBindings, name, { roleRef: roleRef('ClusterRole', name), subjects: [subject] }),
    ),
  ];
}

/** An installation without revision selects by older labels, its tag by the newer ones. */
const ownSelector = (revision: string): [object?] =>
  revision === 'default' ? [{ app: 'istiod', istio: 'pilot' }] : [];

/** Ports and selector of a Service in front of a revision's istiod. */
export function istiodService(
  revision: string,
  selector: object = { app: 'istiod', [RevisionLabel]: revision },
): object {
  return {
    ports: [
      { name: 'grpc-xds', port: 15010, protocol: 'TCP' },
      { name: 'https-dns', port: 15012, protocol: 'TCP' },
      { name: 'https-webhook', port: 443, protocol: 'TCP', targetPort: 15017 },
      { name: 'http-monitoring', port: 15014, protocol: 'TCP' },
    ],
    selector,
  };
}

function istiodDeployment(
  revision: string,
  image: string,
  { env = {}, resources = {} }: NonNullable<Charts['pilot']>,
): Record<string, unknown> {
  const pod = { istio: revision === 'default' ? 'pilot' : 'istiod' };
  const podLabels = {
    ...ChartLabels,
    app: 'istiod',
    'install.operator.istio.io/owning-resource': 'unknown',
    ...pod,
    'istio.io/dataplane-mode': 'none',
    [RevisionLabel]: revision,
    'operator.istio.io/component': 'Pilot',
    'sidecar.istio.io/inject': 'false',
  };
  const { release: _, ...withoutRelease } = podLabels;
  return {
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'istiod', ...(revision === 'default' ? pod : { [RevisionLabel]: revision }) } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: '25%' } },
      template: {
        metadata: {
          annotations: {
            'prometheus.io/port': '15014',
            'prometheus.io/scrape': 'true',
            'sidecar.istio.io/inject': 'false',
          },
          labels: withoutRelease,
        },
        spec: {
          containers: [
            {
              name: 'discovery',
              image,
              args: ['discovery', '--monitoringAddr=:15014', '--domain', 'cluster.local'],
              env: [
                { name: 'REVISION', value: revision },
                { name: 'PILOT_CERT_PROVIDER', value: 'istiod' },
                { name: 'CLUSTER_ID', value: 'Kubernetes' },
                ...Object.entries(env).map(([name, value]) => ({ name, value: String(value) })),
              ],
              resources: merged(Resources, resources),
            },
          ],
          serviceAccountName: istiodName(revision),
        },
      },
    },
  };
}

const Hub = 'docker.io/istio';
const Resources = { requests: { cpu: '500m', memory: '2048Mi' } };

function meshConfigMap(revision: string, given: Values): Record<string, string> {
  const discoveryAddress = `${istiodName(revision)}.${IstioNamespace}.svc:15012`;
  const own = {
    defaultConfig: { discoveryAddress },
    defaultProviders: { metrics: ['prometheus'] },
    enablePrometheusMerge: true,
    rootNamespace: IstioNamespace,
    trustDomain: 'cluster.local',
  };
  return { mesh: stringify(merged(own, given)).trimEnd(), meshNetworks: 'networks: {}' };
}

/** What istioctl writes beside what it is given: 2-after-install of the lab. */
function originalValues(revision: string, version: string, given: Values): Values {
  const own = {
    defaultRevision: '',
    gateways: { 'istio-egressgateway': {}, 'istio-ingressgateway': {} },
    global: { configValidation: true, hub: Hub, istioNamespace: IstioNamespace, tag: version },
    pilot: { cni: { enabled: false }, enabled: true },
    revision,
    ztunnel: { resourceName: 'ztunnel' },
  };
  return merged(own, given);
}

/** The same over the defaults of the charts; the values of `pilot` are at the root as well. */
function effectiveValues(revision: string, version: string, given: Values): Values {
  const original = originalValues(revision, version, given);
  const defaults = {
    autoscaleEnabled: true,
    autoscaleMax: 5,
    autoscaleMin: 1,
    replicaCount: 1,
    resources: Resources,
    traceSampling: 1,
    global: { logAsJson: false, logging: { level: 'default:info' }, proxy: { image: 'proxyv2', logLevel: 'warning' } },
    meshConfig: { enablePrometheusMerge: true },
  };
  return merged(merged(defaults, (original['pilot'] ?? {}) as Values), original);
}

function injectorValues(revision: string, version: string, given: Values): Values {
  const { global: common, gateways, pilot } = effectiveValues(revision, version, given);
  const { cni, env = {} } = pilot as { cni: Values; env?: Values };
  return { gateways, global: common, pilot: { cni, env }, revision };
}

function definition(name: string, kind: string, labels: Record<string, string>): KubernetesObject {
  const dot = name.indexOf('.');
  return {
    metadata: { name, labels },
    spec: {
      group: name.slice(dot + 1),
      scope: 'Namespaced',
      names: { plural: name.slice(0, dot), kind, singular: kind.toLowerCase() },
      versions: [
        { name: 'v1', served: true, storage: true, subresources: { status: {} } },
        { name: 'v1alpha3', served: true, storage: false, subresources: { status: {} } },
        { name: 'v1beta1', served: true, storage: false, subresources: { status: {} } },
      ],
    },
  } as KubernetesObject;
}

function roleRef(kind: string, name: string): object {
  return { apiGroup: 'rbac.authorization.k8s.io', kind, name };
}
