import { revisionSuffix } from '../model/revision.ts';
import { type Shortfall, shortfall } from '../model/stage.ts';
import type { ControlPlane } from '../model/world.ts';

/** What keeps a control plane from being complete: an upgrade moves the tag to it only when this list is empty. */
export function unready(controlPlane: ControlPlane | undefined, revision: string): Shortfall[] {
  const { deployment } = controlPlane ?? {};
  const isPartlyReady = deployment !== undefined && deployment.ready > 0 && deployment.ready < deployment.desired;
  return [...(isPartlyReady ? [replicas(deployment)] : []), ...cannotInject(controlPlane, revision)];
}

const replicas = ({ name, ready, desired }: NonNullable<ControlPlane['deployment']>): Shortfall =>
  shortfall(`Deployment ${name}`, `${ready} of ${desired} ready`, 'ready');

/** What keeps a control plane from injecting: one ready replica is enough. The tag goes back to it as soon as this list is empty. */
export function cannotInject(controlPlane: ControlPlane | undefined, revision: string): Shortfall[] {
  const { deployment, service, injector } = controlPlane ?? {};
  const shortfalls: Shortfall[] = [];
  if (deployment === undefined)
    shortfalls.push(shortfall(`Deployment istiod${revisionSuffix(revision)}`, 'absent', 'ready'));
  else if (deployment.ready < 1) shortfalls.push(replicas(deployment));
  if (service === undefined)
    shortfalls.push(shortfall(`Service istiod${revisionSuffix(revision)}`, 'absent', 'with endpoints'));
  else if (service.readyEndpoints === 0)
    shortfalls.push(shortfall(`Service ${service.name}`, 'no ready endpoint', 'with endpoints'));
  if (injector === undefined)
    shortfalls.push(
      shortfall(`webhook istio-sidecar-injector${revisionSuffix(revision)}`, 'absent', 'with a CA bundle'),
    );
  // The tag copies this bundle; an empty one, with failurePolicy Fail, would stop every new pod.
  else if (!injector.hasCaBundle)
    shortfalls.push(shortfall(`webhook ${injector.name}`, 'its CA bundle is empty', 'with a CA bundle'));
  return shortfalls;
}
