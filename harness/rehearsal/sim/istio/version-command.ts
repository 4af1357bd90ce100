import { defaultRevision } from './default-revision.ts';
import type { IstioctlArguments } from './istioctl-arguments.ts';
import { type Command, failed, type IstioctlContext, succeeded, takes } from './istioctl-command.ts';
import { revisionOf, versionOf } from './istiods.ts';
import { IstioNamespace } from './names.ts';
import { OwnClient, OwnVersion, ownClients } from './own-clients.ts';

/** Of this simulated build; the real ones differ in it too. */
const Commit = '000000000000';
export const GoVersion = 'go1.26.8';

interface Proxy {
  ID: string;
  IstioVersion: string;
  Type: 'sidecar' | 'gateway';
}

/** `version [--remote=false] [--revision R] [-o json]`; always exit 0, even where there is no Istio: 22-empty-mesh. */
export const version: Command = async (context, args) => {
  const isRemote = args.value('--remote') !== 'false';
  await takes(context, isRemote ? 180 : 70);
  const format = args.value('--output');
  if (format !== undefined && format !== 'json') return failed(`not simulated: version -o ${format}`, 64);
  const client = clientVersion(context.version, args);
  if (!isRemote) return succeeded(client);
  const revision = args.value('--revision') ?? defaultRevision(context.registry);
  const istiods = context.istiods.running(revision);
  if (istiods.length === 0) {
    const missing = `Istio is not present in the cluster: no running Istio pods in namespace "${IstioNamespace}"\n`;
    return succeeded(client, missing);
  }
  const proxies = proxiesOf(context, revision);
  if (format === 'json') {
    const meshVersion = istiods.map((istiod) => ({
      Component: istiod.metadata.labels?.['istio'],
      Revision: revisionOf(istiod),
      Info: buildOf(versionOf(istiod), ''),
    }));
    const own = buildOf(context.version, GoVersion);
    return succeeded(json({ clientVersion: own, meshVersion, dataPlaneVersion: proxies }));
  }
  const versions = [...new Set(istiods.map(versionOf))];
  const controlPlane = versions.map((found) => `control plane version: ${found}\n`).join('');
  return succeeded(`${client}${controlPlane}${dataPlaneLine(proxies)}`);
};

/** All that can be said without a cluster. */
export const clientVersion = (own: string, args: IstioctlArguments): string =>
  args.value('--output') === 'json' ? json({ clientVersion: buildOf(own, GoVersion) }) : `client version: ${own}\n`;

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** A build as istioctl and istiod tell about themselves. */
export function buildOf(release: string, goVersion: string): object {
  return { version: release, revision: Commit, golang_version: goVersion, status: 'Clean', tag: release };
}

function dataPlaneLine(proxies: readonly Proxy[]): string {
  if (proxies.length === 0) return 'data plane version: none\n';
  const counts = new Map<string, number>();
  for (const { IstioVersion } of proxies) counts.set(IstioVersion, (counts.get(IstioVersion) ?? 0) + 1);
  const parts = [...counts].sort().map(([found, count]) => `${found} (${count} proxies)`);
  return `data plane version: ${parts.join(', ')}\n`;
}

function proxiesOf(context: IstioctlContext, revision: string): Proxy[] {
  const proxies = context.istiods
    .proxiesOf(revision)
    .map(({ id, version, type }): Proxy => ({ ID: id, IstioVersion: version, Type: type }));
  const own: Proxy = { ID: OwnClient, IstioVersion: OwnVersion, Type: 'sidecar' };
  return [...proxies, ...Array.from({ length: ownClients(context, revision) }, () => own)];
}
