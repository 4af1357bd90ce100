import { ClusterForbidden, ClusterOutcomeUnknown, ClusterRefused } from '../kubernetes/cluster-errors.ts';
import { AmbiguousWrite, StatusError } from '../kubernetes/status-error.ts';

/** Refusals of the API server that nothing nearer to the request has named; everything else as it came. */
export function nameFailure(thrown: unknown): unknown {
  if (thrown instanceof AmbiguousWrite) return ClusterOutcomeUnknown.because(thrown, thrown.message);
  if (!(thrown instanceof StatusError)) return thrown;
  return (thrown.code === 403 ? ClusterForbidden : ClusterRefused).because(thrown, thrown.message);
}
