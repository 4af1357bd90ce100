import { pointsTo } from '../mesh/tag-strays.ts';
import type { Configuration } from '../model/configuration.ts';
import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { notAsked, type World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const ConfigurationLost = defineFinding({
  code: 'CONFIGURATION_LOST',
  severity: 'blocks',
  title: 'The new istiod lacks settings that the old one was given.',
  cause:
    'The new revision is installed without them: target.carryOver is false, another tool installed it, or they are not among the values of the old installation (components.pilot.k8s of an IstioOperator, an edit of an object). When the tag moves, the mesh loses them.',
  fix: 'Give them by target.set or target.values, or accept the loss of each by its path in target.accept.',
  blames: 'person',
});

const ConfigurationSet = defineFinding({
  code: 'CONFIGURATION_SET',
  severity: 'notes',
  title: 'The new istiod is given other settings than the old one.',
  cause:
    'target.set, target.values or the tool that installed the new revision changes them. It is a warning if they decide about trust or about where traffic may go.',
  fix: 'Do nothing if that is meant. A change of settings and of the release in two steps shows which one does harm.',
  blames: 'person',
});

const ConfigurationDiffers = defineFinding({
  code: 'CONFIGURATION_DIFFERS',
  severity: 'notes',
  title: 'Settings that were not given differ between the two revisions.',
  cause: 'The charts of the two releases have other defaults.',
  fix: 'Read the list. To keep a value of the old release, give it by target.set.',
  blames: 'surroundings',
});

const ConfigurationUnknown = defineFinding({
  code: 'CONFIGURATION_UNKNOWN',
  severity: 'warns',
  title: 'What the old istiod was installed with is not known.',
  cause:
    'There is no ConfigMap values-REVISION: the installer did not leave it, or it was deleted. Nothing can be carried over. Mesh config, environment and resources of the two istiods are compared all the same.',
  fix: 'Give the values of the old installation by target.values.',
  blames: 'person',
});

const finds = [ConfigurationLost, ConfigurationSet, ConfigurationDiffers, ConfigurationUnknown] as const;
type Found = FindingOf<typeof finds>;

export const configuration = defineCheck({
  looksAt: ['configurations', 'tags'],
  finds,
  find: configurationFindings,
});

/** The new istiod must have every setting that the old one was given. What came with the release is listed. */
export function configurationFindings(
  { configurations, tags }: Pick<World, 'configurations' | 'tags'>,
  { from, to, tag, install }: Pick<Plan, 'from' | 'to' | 'tag' | 'install'>,
): readonly Found[] {
  if (configurations === notAsked || configurations.from === undefined || configurations.to === undefined) return [];
  const all = differences(configurations.from, configurations.to).filter(
    ({ path }) => !isAccepted(path, install.accept),
  );
  const of = (kind: Difference['kind']) => dangerousFirst(all.filter((each) => each.kind === kind));
  const [lost, set, release] = [of('lost'), of('set'), of('release')];
  const does = configurations.toIs === 'previewed' ? 'would lack' : 'lacks';
  // Once the tag has moved, the mesh has the new settings, and to stop gives none of the old ones back.
  const severity = pointsTo(tags, tag, to) ? 'warns' : 'blocks';
  return [
    ...(lost.length === 0
      ? []
      : [
          ConfigurationLost.as(
            severity,
            `The istiod ${to} ${does} ${counted(lost)} of ${from}: ${lost.map(describe).join('; ')}.`,
            lost.map(({ path }) => path),
            `Give ${lost.length === 1 ? 'it' : 'them'} by target.set or target.values${install.carriesOver === false ? ', or set target.carryOver: true' : ''}; or accept the loss: target.accept: [${lost.map(({ path }) => path).join(', ')}]`,
          ),
        ]),
    ...(set.length === 0
      ? []
      : [
          ConfigurationSet.as(
            set.some(({ path }) => isDangerous(path)) ? 'warns' : 'notes',
            `The istiod ${to} is given ${counted(set)} otherwise than ${from}: ${set.map(describe).join('; ')}.`,
            set.map(({ path }) => path),
          ),
        ]),
    ...(release.length === 0
      ? []
      : [
          ConfigurationDiffers.of(
            `${counted(release)} that ${release.length === 1 ? 'was not given differs' : 'were not given differ'}: ${release.map(describe).join('; ')}.`,
            release.map(({ path }) => path),
          ),
        ]),
    ...(configurations.from.given === undefined
      ? [ConfigurationUnknown.of(`It is not known what the istiod ${from} was installed with: no ConfigMap says it.`)]
      : []),
  ];
}

/** One setting of the old revision that the new one has not, or has otherwise. Values are JSON. */
interface Difference {
  path: string;
  was: string;
  is: string | undefined;
  /** `lost`: it was given, and is gone; `set`: another value is given; `release`: it was not given. */
  kind: 'lost' | 'set' | 'release';
}

/** Of settings that the old revision has; what only the new one has is no loss. */
function differences(from: Configuration, to: Configuration): readonly Difference[] {
  const found: Difference[] = [];
  const seen = new Set<string>();
  const valueIn = (path: string) =>
    to.given?.get(path) ?? to.live.get(path) ?? to.effective?.get(path) ?? to.injector.get(path);
  const add = (path: string, was: string, is: string | undefined, isGiven: boolean) => {
    if (seen.has(path)) return;
    seen.add(path);
    if (was === is || isSameAmount(path, was, is)) return;
    const otherwise = to.given?.has(path) === true ? 'set' : undefined;
    const changed = is === undefined ? !isOfChart(path) : isDangerous(path) || isLess(path, was, is);
    found.push({ path, was, is, kind: otherwise ?? (isGiven || changed ? 'lost' : 'release') });
  };
  for (const [path, was] of from.given ?? []) add(path, was, valueIn(path), !isOfInstaller(path));
  for (const [path, was] of from.live) add(path, was, to.live.get(path), false);
  for (const [path, was] of from.injector) add(path, was, to.injector.get(path), false);
  return found;
}

/** istioctl writes these into the values of every installation; a registry is named where it decides, in the pods. */
const ofInstaller = ['global.istioNamespace', 'global.configValidation', 'pilot.enabled', 'ztunnel.resourceName'];
const isOfInstaller = (path: string): boolean => ofInstaller.includes(path);

/** Environment and mesh config that the charts write by themselves: a release may drop one. All else was given. */
const ofCharts: ReadonlySet<string> = new Set([
  ...[
    ...['CA_TRUSTED_NODE_ACCOUNTS', 'CLUSTER_ID', 'GOMAXPROCS', 'GOMEMLIMIT', 'KUBECONFIG', 'PILOT_CERT_PROVIDER'],
    ...['PILOT_ENABLE_ANALYSIS', 'PILOT_TRACE_SAMPLING', 'PLATFORM', 'POD_NAME', 'POD_NAMESPACE', 'SERVICE_ACCOUNT'],
  ].map((name) => `pilot.env.${name}`),
  ...['defaultConfig.discoveryAddress', 'defaultProviders.metrics', 'enablePrometheusMerge'].map(
    (key) => `meshConfig.${key}`,
  ),
  'pilot.extraContainerArgs',
]);
const injectorRoots = ['global.', 'pilot.', 'gateways.', 'sidecarInjectorWebhook.'];
const isOfChart = (path: string): boolean =>
  ofCharts.has(path) ||
  (injectorRoots.some((root) => path.startsWith(root)) && !path.startsWith('pilot.env.') && !isScheduling(path));

const isScheduling = (path: string): boolean =>
  /^pilot\.(resources|nodeSelector|tolerations|affinity|topologySpreadConstraints)(\.|$)|^global\.priorityClassName$/.test(
    path,
  );

/** What decides who trusts whom and where traffic may go: another value breaks connections at once. */
const dangerous = [
  ...['trustDomain', 'trustDomainAliases', 'rootNamespace', 'outboundTrafficPolicy', 'extensionProviders'].map(
    (key) => `meshConfig.${key}`,
  ),
  ...['discoverySelectors', 'caCertificates', 'defaultProviders', 'meshMTLS'].map((key) => `meshConfig.${key}`),
  ...['global.meshID', 'global.network', 'global.multiCluster', 'global.caAddress', 'global.caName', 'pilot.cni'],
];
const isWithin = (path: string, root: string): boolean => path === root || path.startsWith(`${root}.`);
const isDangerous = (path: string): boolean => dangerous.some((root) => isWithin(path, root));
const isAccepted = (path: string, accepted: readonly string[] = []): boolean =>
  accepted.some((root) => isWithin(path, root));

const isAmount = (path: string): boolean => /(^|\.)resources\.(requests|limits)\./.test(path);

/** The API server writes `2Gi` for `2048Mi`. */
const isSameAmount = (path: string, was: string, is: string | undefined): boolean =>
  isAmount(path) && is !== undefined && amountOf(was) === amountOf(is);

/** The new istiod must be at least as strong as the old one. */
const isLess = (path: string, was: string, is: string): boolean =>
  path.startsWith('pilot.resources.') && amountOf(is) < amountOf(was);

const units: Readonly<Record<string, number>> = {
  m: 1e-3,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  k: 1e3,
  M: 1e6,
  G: 1e9,
};

/** A quantity of Kubernetes as JSON, `"500m"`, as a number. */
function amountOf(json: string): number {
  const [, number = 'NaN', unit = ''] = /^"?([0-9.]+)([A-Za-z]*)"?$/.exec(json) ?? [];
  return Number(number) * (unit === '' ? 1 : (units[unit] ?? Number.NaN));
}

const dangerousFirst = (all: readonly Difference[]): readonly Difference[] =>
  all.toSorted((a, b) => Number(isDangerous(b.path)) - Number(isDangerous(a.path)));

const counted = (all: readonly Difference[]): string => `${all.length} ${all.length === 1 ? 'setting' : 'settings'}`;

/** `meshConfig.trustDomain "a" -> "b"` */
const describe = ({ path, was, is }: Difference): string =>
  isSecret(path)
    ? `${path} (its value is not shown)`
    : `${path} ${short(was)} -> ${is === undefined ? 'none' : short(is)}`;

const isSecret = (path: string): boolean => /password|secret|token|credential|apikey|privatekey/i.test(path);
const short = (json: string): string => (json.length > 60 ? `${json.slice(0, 57)}...` : json);
