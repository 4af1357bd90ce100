import type { Configuration } from '../model/configuration.ts';
import { parseQuantity } from './surge/quantity.ts';

/** One setting of the old revision that the new one has not, or has otherwise. Values are JSON. */
export interface Difference {
  path: string;
  was: string;
  is: string | undefined;
  /** `lost`: it was given, and is gone; `set`: another value is given; `release`: it was not given. */
  kind: 'lost' | 'set' | 'release';
}

/** Of settings that the old revision has; what only the new one has is no loss. */
export function differences(from: Configuration, to: Configuration): readonly Difference[] {
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
  for (const [path, was] of from.live) add(path, was, to.live.get(path) ?? replacementOf(path, to), false);
  for (const [path, was] of from.injector) add(path, was, to.injector.get(path), false);
  return found;
}

/** An autoscaler keeps at least as many pods as the number that it replaces. */
const replacementOf = (path: string, { live }: Configuration): string | undefined =>
  path === 'pilot.replicaCount' ? live.get('pilot.autoscaleMin') : undefined;

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
  (injectorRoots.some((root) => path.startsWith(root)) &&
    !path.startsWith('pilot.env.') &&
    !isScheduling(path) &&
    !isStrength(path));

const isScheduling = (path: string): boolean =>
  /^pilot\.(resources|nodeSelector|tolerations|affinity|topologySpreadConstraints)(\.|$)|^global\.priorityClassName$/.test(
    path,
  );

const counts: readonly string[] = ['pilot.replicaCount', 'pilot.autoscaleMin', 'pilot.autoscaleMax'];
/** Without it the new istiod is weaker, or open to more. */
const isStrength = (path: string): boolean =>
  counts.includes(path) || path.startsWith('pilot.pdb.') || path === 'global.networkPolicy.enabled';

/** What decides who trusts whom and where traffic may go: another value breaks connections at once. */
const dangerous = [
  ...['trustDomain', 'trustDomainAliases', 'rootNamespace', 'outboundTrafficPolicy', 'extensionProviders'].map(
    (key) => `meshConfig.${key}`,
  ),
  ...['discoverySelectors', 'caCertificates', 'defaultProviders', 'meshMTLS'].map((key) => `meshConfig.${key}`),
  ...['global.meshID', 'global.network', 'global.multiCluster', 'global.caAddress', 'global.caName', 'pilot.cni'],
];

/** A path stands for all below it. */
export const isWithin = (path: string, root: string): boolean => path === root || path.startsWith(`${root}.`);
export const isDangerous = (path: string): boolean => dangerous.some((root) => isWithin(path, root));

const isAmount = (path: string): boolean => /(^|\.)resources\.(requests|limits)\./.test(path);

/** The API server writes `2Gi` for `2048Mi`. */
const isSameAmount = (path: string, was: string, is: string | undefined): boolean =>
  isAmount(path) && is !== undefined && amountOf(was) === amountOf(is);

/** The new istiod must be at least as strong as the old one. */
const isLess = (path: string, was: string, is: string): boolean =>
  (path.startsWith('pilot.resources.') || counts.includes(path)) && amountOf(is) < amountOf(was);

/** A quantity as JSON, `"500m"`, as a number; any other text is neither the same amount nor less. */
const amountOf = (json: string): number => parseQuantity(json.replaceAll('"', '')) ?? Number.NaN;
