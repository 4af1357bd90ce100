import { ClusterForbidden, ClusterOutcomeUnknown, ClusterRefused, ClusterUnavailable } from './cluster-errors.ts';
import { AmbiguousWrite, StatusError } from './status-error.ts';

/** Refusals of the API server that nothing nearer to the request has named; everything else as it came. */
export function nameFailure(thrown: unknown): unknown {
  if (thrown instanceof AmbiguousWrite) return ClusterOutcomeUnknown.because(thrown, thrown.message);
  if (!(thrown instanceof StatusError)) return thrown;
  const { code, message } = thrown;
  if (code === 403) return ClusterForbidden.because(thrown, message);
  // What a webhook refuses is refused again; that its server does not answer says nothing about the API server.
  const isUnavailable = code === 429 || (code >= 500 && !message.includes('failed calling webhook'));
  return (isUnavailable ? ClusterUnavailable.because : ClusterRefused.because)(thrown, message);
}
