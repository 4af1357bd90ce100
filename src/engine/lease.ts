import type { Holder } from '../model/holder.ts';
import type { RunRequest } from '../model/run-request.ts';
import type { Lease } from '../ports/objects.ts';

/** Names the log of the run that holds it, for the run that finds it held. */
export const logAnnotation = 'istio-canary-upgrade/log';
/** What a person asks of its holder, as JSON. */
const requestAnnotation = 'istio-canary-upgrade/request';

/** Who holds the lock, as its Lease says. */
export function holderIn(lease: Lease | undefined): Holder | undefined {
  const { holderIdentity = '', acquireTime = '' } = lease?.spec ?? {};
  if (holderIdentity === '') return undefined;
  return { id: holderIdentity, where: lease?.metadata.annotations?.[logAnnotation] ?? 'unknown', since: acquireTime };
}

/** What is asked of its holder; anyone may write there, so that what has another form is not obeyed. */
export function requestIn(lease: Lease | undefined): RunRequest | undefined {
  const text = lease?.metadata.annotations?.[requestAnnotation];
  if (text === undefined) return undefined;
  try {
    const { verb, by, at } = JSON.parse(text) as Partial<Record<keyof RunRequest, unknown>>;
    return (verb === 'pause' || verb === 'abort') && typeof by === 'string' && typeof at === 'string'
      ? { verb, by, at }
      : undefined;
  } catch {
    return undefined;
  }
}

/** @param request left out: none */
export function withRequest(lease: Lease, request: RunRequest | undefined): Lease {
  const { [requestAnnotation]: _before, ...others } = lease.metadata.annotations ?? {};
  const annotations = request === undefined ? others : { ...others, [requestAnnotation]: JSON.stringify(request) };
  return { ...lease, metadata: { ...lease.metadata, annotations } };
}
