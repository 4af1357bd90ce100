import type { Pod } from '../../../../src/ports/objects.ts';
import { defaultRevision } from './default-revision.ts';
import type { IstioctlArguments } from './istioctl-arguments.ts';
import { type Command, failed, type IstioctlContext, succeeded, takes } from './istioctl-command.ts';
import { type ConnectedProxy, versionOf } from './istiods.ts';
import { IstioNamespace } from './names.ts';
import { leaveClient, OwnClient, ownClients } from './own-clients.ts';
import { textTable } from './text-table.ts';
import { buildOf, GoVersion } from './version-command.ts';

const Cluster = 'Kubernetes';

/** What a proxy here subscribes to, by the short name in tables. */
const Subscribed = {
  CDS: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  LDS: 'type.googleapis.com/envoy.config.listener.v3.Listener',
};
/** In the order of their type URLs. */
const AllTypes = ['CDS', 'ECDS', 'EDS', 'LDS', 'RDS'];

/** `proxy-status [--revision R] [-n N] [-v 1] [-o json]`; as JSON one document for each istiod. */
export const proxyStatus: Command = async (context, args) => {
  await takes(context, 150);
  const format = args.value('--output') ?? 'table';
  if (format !== 'table' && format !== 'json') return failed(`not simulated: proxy-status -o ${format}`, 64);
  const revision = args.value('--revision') ?? defaultRevision(context.registry);
  const istiods = context.istiods.running(revision);
  const [istiod] = istiods;
  if (!istiod) return failed(`no running Istio pods in "${IstioNamespace}"`);
  const proxies = proxiesOf(context, revision, args);
  leaveClient(context, revision);
  if (format === 'table') return succeeded(tableOf(proxies, istiod, args));
  // Which of several istiods a proxy talks to is not kept; all together hold all of them.
  const documents = istiods.map((one, index) => documentOf(context, one, index === 0 ? proxies : []));
  return succeeded(documents.map((document) => `${JSON.stringify(document, null, 4)}\n`).join(''));
};

/** `pod.namespace` of everything that the istiods of a revision count as a proxy, istioctl's own clients included. */
export function connectedIds(context: IstioctlContext, revision: string): string[] {
  const ids = context.istiods.proxiesOf(revision).map(({ id }) => id);
  return [...ids, ...Array.from({ length: ownClients(context, revision) }, () => OwnClient)].sort();
}

function proxiesOf({ istiods }: IstioctlContext, revision: string, args: IstioctlArguments): ConnectedProxy[] {
  const namespace = args.value('--namespace');
  return istiods
    .proxiesOf(revision)
    .filter((proxy) => namespace === undefined || proxy.namespace === namespace)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function tableOf(proxies: readonly ConnectedProxy[], { metadata: { name } }: Pod, args: IstioctlArguments): string {
  const types = Object.keys(Subscribed);
  if ((args.value('--verbosity') ?? '0') === '0') {
    const subscribed = `${types.length} (${types.join(',')})`;
    const rows = proxies.map(({ id, version }) => [id, Cluster, name, version, subscribed]);
    return textTable([['NAME', 'CLUSTER', 'ISTIOD', 'VERSION', 'SUBSCRIBED TYPES'], ...rows], 5);
  }
  const cells = AllTypes.map((type) => (type in Subscribed ? 'SYNCED (3s)' : 'IGNORED'));
  const rows = proxies.map(({ id, version }) => [id, Cluster, ...cells, name, version]);
  return textTable([['NAME', 'CLUSTER', ...AllTypes, 'ISTIOD', 'VERSION'], ...rows], 5);
}

function documentOf({ registry }: IstioctlContext, istiod: Pod, proxies: readonly ConnectedProxy[]): object {
  const now = registry.timestamp();
  const nodes = proxies.map(({ id, version, namespace }) => nodeOf(id, version, namespace, now));
  return {
    versionInfo: `${now}/1`,
    ...(nodes.length > 0 ? { resources: nodes } : {}),
    typeUrl: 'istio.io/debug/syncz',
    nonce: `${now}/1`,
    controlPlane: {
      identifier: JSON.stringify({
        Component: 'istiod',
        ID: istiod.metadata.name,
        Info: buildOf(versionOf(istiod), GoVersion),
      }),
    },
  };
}

function nodeOf(id: string, version: string, namespace: string, now: string): object {
  return {
    '@type': 'type.googleapis.com/envoy.service.status.v3.ClientConfig',
    node: { id, metadata: { CLUSTER_ID: Cluster, ISTIO_VERSION: version, NAMESPACE: namespace } },
    genericXdsConfigs: Object.values(Subscribed).map((typeUrl) => ({
      typeUrl,
      lastUpdated: now,
      configStatus: 'SYNCED',
    })),
  };
}
