import { type Command, failed, type IstioctlContext, succeeded, takes } from './istioctl-command.ts';
import { versionOf } from './istiods.ts';
import { IstioNamespace } from './names.ts';

/** 44-uninstall-without-y: istioctl's own xDS client, and how long it stays connected after a call. */
const Ghost = 'test-1.default';
const GhostMs = 30_067;

/** `proxy-status --revision R -o json`: one document for each istiod. */
export const proxyStatus: Command = async (context, args) => {
  await takes(context, 150);
  if (args.value('--output') !== 'json') return failed('not simulated: proxy-status without -o json', 64);
  const revision = args.value('--revision');
  if (revision === undefined) return failed('not simulated: proxy-status without --revision', 64);
  const istiods = context.istiods.running(revision);
  if (istiods.length === 0) return failed(`no running Istio pods in "${IstioNamespace}"`);
  const ids = connectedIds(context, revision);
  context.ghostUntil.set(revision, context.clock.now() + GhostMs);
  // Which of several istiods a proxy talks to is not kept; all together hold all of them.
  const documents = istiods.map((istiod, index) => ({
    versionInfo: `${context.registry.timestamp()}/1`,
    typeUrl: 'istio.io/debug/syncz',
    ...(index === 0 && ids.length > 0
      ? {
          resources: ids.map((id) => ({
            '@type': 'type.googleapis.com/envoy.service.status.v3.ClientConfig',
            node: { id },
          })),
        }
      : {}),
    controlPlane: {
      identifier: JSON.stringify({
        Component: 'istiod',
        ID: istiod.metadata.name,
        Info: { version: versionOf(istiod) },
      }),
    },
  }));
  return succeeded(documents.map((document) => `${JSON.stringify(document, null, 4)}\n`).join(''));
};

/** `pod.namespace` of everything connected to a revision's istiods, istioctl itself for a while. */
export function connectedIds({ istiods, clock, ghostUntil }: IstioctlContext, revision: string): string[] {
  const ids = istiods.proxiesOf(revision).map(({ metadata }) => `${metadata.name}.${metadata.namespace}`);
  const isHaunted = istiods.running(revision).length > 0 && (ghostUntil.get(revision) ?? 0) > clock.now();
  return [...ids, ...(isHaunted ? [Ghost] : [])].sort();
}
