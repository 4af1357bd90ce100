import { parse } from 'yaml';
import type { Configuration } from '../model/configuration.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { type Revision, revisionSuffix, versionOfImage } from '../model/revision.ts';
import { isValues, type Settings, settingsOf, type Values, withoutPaths } from '../model/values.ts';
import { Autoscalers, DisruptionBudgets, NetworkPolicies } from '../ports/kinds.ts';
import type { ConfigMap, WorkloadObject } from '../ports/objects.ts';
import { strengthOf } from './istiod-strength.ts';

/** The objects that hold the configuration of a revision, whichever tool installed it. */
export const configurationNames = (revision: Revision) => ({
  values: `values${revisionSuffix(revision)}`,
  mesh: `istio${revisionSuffix(revision)}`,
  injector: `istio-sidecar-injector${revisionSuffix(revision)}`,
  istiod: `istiod${revisionSuffix(revision)}`,
});

/** What belongs to one revision or one release. */
const ofRevision = [
  'revision',
  'revisionTags',
  'defaultRevision',
  'global.tag',
  'pilot.tag',
  'tag',
  'pilot.env.REVISION',
];

/** Roots of the values of all charts. The istiod chart takes any other root for one of `pilot` (measured with istioctl 1.31.0). */
const sharedRoots: ReadonlySet<string> = new Set([
  ...['base', 'cni', 'compatibilityVersion', 'defaultRevision', 'experimental', 'gatewayClasses', 'gateways', 'global'],
  ...[
    'istio_cni',
    'istiodRemote',
    'meshConfig',
    'ownerName',
    'pilot',
    'platform',
    'profile',
    'revision',
    'revisionTags',
  ],
  ...['sidecarInjectorWebhook', 'telemetry', 'ztunnel'],
]);

/**
 * From its objects, live or of a manifest.
 * @param unread kinds of objects that could not be listed
 * @returns `undefined` without its Deployment
 * @throws Error when a ConfigMap does not hold YAML
 */
export function configurationOf(
  objects: readonly KubernetesObject[],
  revision: Revision,
  unread: readonly string[] = [],
): Configuration | undefined {
  const names = configurationNames(revision);
  const find = (kind: string, name: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);
  const istiod = find('Deployment', names.istiod) as WorkloadObject | undefined;
  if (istiod === undefined) return undefined;
  const read = (name: string, key: string, root?: string): Settings | undefined => {
    const text = (find('ConfigMap', name) as ConfigMap | undefined)?.data?.[key];
    if (text === undefined) return undefined;
    const values = valuesIn(text, `${name}, ${key}`);
    return comparable(root === undefined ? values : { [root]: values }, names.istiod);
  };
  return {
    given: read(names.values, 'original-values'),
    effective: read(names.values, 'merged-values'),
    live: new Map([
      ...(read(names.mesh, 'mesh', 'meshConfig') ?? []),
      ...comparable(runsWith(istiod), names.istiod),
      ...settingsOf(
        strengthOf(istiod, {
          autoscaler: unread.includes(Autoscalers.kind) ? 'unread' : find(Autoscalers.kind, names.istiod),
          budget: find(DisruptionBudgets.kind, names.istiod),
          policy: find(NetworkPolicies.kind, names.istiod),
        }),
      ),
    ]),
    injector: read(names.injector, 'values') ?? new Map(),
    unread,
    images: {
      istiod: versionOfImage(discoveryOf(istiod)?.image ?? ''),
      sidecar: versionOfSidecar((find('ConfigMap', names.injector) as ConfigMap | undefined)?.data?.['values']),
    },
  };
}

/** As the template of the injector puts the image together: an image with a slash is a whole reference. */
function versionOfSidecar(values: string | undefined): string | undefined {
  if (values === undefined) return undefined;
  const { global: common } = valuesIn(values, 'values of the injector') as { global?: Values };
  const { image } = (common?.['proxy'] ?? {}) as Values;
  return versionOfImage(
    typeof image === 'string' && image.includes('/') ? image : `proxyv2:${String(common?.['tag'])}`,
  );
}

/** What the installer of a revision was given, without what belongs to that revision. @throws Error when it is not YAML */
export function givenValues(values: ConfigMap | undefined): Values | undefined {
  const text = values?.data?.['original-values'];
  return text === undefined ? undefined : withoutPaths(valuesIn(text, 'original-values'), ofRevision);
}

function valuesIn(text: string, where: string): Values {
  const values: unknown = parse(text) ?? {};
  if (!isValues(values)) throw new Error(`${where}: it is no map`);
  return values;
}

/** `istiod-1-30-4.istio-system.svc` becomes `istiod.istio-system.svc`, as in an installation without a revision. */
function comparable(values: Values, istiod: string): Settings {
  const settings = new Map<string, string>();
  for (const [path, value] of settingsOf(withoutPaths(values, ofRevision)))
    settings.set(underPilot(path), value.replaceAll(istiod, 'istiod'));
  return settings;
}

const underPilot = (path: string): string => (sharedRoots.has(path.split('.')[0] ?? '') ? path : `pilot.${path}`);

interface Container {
  name: string;
  image?: string;
  args?: readonly string[];
  env?: readonly { name: string; value?: string; valueFrom?: Values }[];
  resources?: Values;
}

const discoveryOf = ({ spec }: WorkloadObject): Container | undefined =>
  (spec.template.spec as unknown as { containers: readonly Container[] }).containers.find(
    ({ name }) => name === 'discovery',
  );

/** Under the paths of the values that set it. */
function runsWith(istiod: WorkloadObject): Values {
  const { nodeSelector, tolerations, affinity, topologySpreadConstraints, priorityClassName } = istiod.spec.template
    .spec as unknown as Values;
  const { args, env = [], resources } = discoveryOf(istiod) ?? {};
  const variables = env.map(
    ({ name, value, valueFrom }) => [name, valueFrom === undefined ? value : withoutDefaults(valueFrom)] as const,
  );
  return {
    pilot: {
      env: Object.fromEntries(variables),
      extraContainerArgs: args,
      resources,
      ...{ nodeSelector, tolerations, affinity, topologySpreadConstraints },
    },
    global: { priorityClassName },
  };
}

/** The API server adds `apiVersion: v1` and `divisor: "0"`. */
const withoutDefaults = (valueFrom: Values): string =>
  JSON.stringify(valueFrom, (key, value: unknown) => (key === 'apiVersion' || key === 'divisor' ? undefined : value));
