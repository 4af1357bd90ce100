import type { Rollout } from '../model/rollout.ts';
import type { WorkloadKind } from '../model/workload-kind.ts';
import type { WorkloadObject } from '../ports/objects.ts';

const waiting = (waitingFor: string, desired: number, ready: number, stuck = false): Rollout => ({
  complete: false,
  waitingFor,
  stuck,
  desired,
  ready,
});

/**
 * Reads a rollout's state as `kubectl rollout status` does, but stricter: every replica updated, ready and available.
 * A write is not yet seen while `observedGeneration` is behind; all counts are full in that moment.
 */
export function rolloutOf(kind: WorkloadKind, object: WorkloadObject): Rollout {
  const { status = {}, spec } = object;
  const observed = status.observedGeneration ?? 0;
  const desired = kind === 'DaemonSet' ? (status.desiredNumberScheduled ?? 0) : (spec.replicas ?? 1);
  const ready = (kind === 'DaemonSet' ? status.numberReady : status.readyReplicas) ?? 0;
  if (observed < (object.metadata.generation ?? 0)) return waiting('its controller to see the change', desired, ready);
  const rollout = kind === 'DaemonSet' ? daemonSet(object, desired, ready) : replicated(kind, object, desired, ready);
  const failure = (status.conditions ?? []).find((each) => each.type === 'ReplicaFailure' && each.status === 'True');
  return failure === undefined
    ? rollout
    : { ...rollout, refused: failure.message ?? failure.reason ?? 'no reason given' };
}

function replicated(
  kind: WorkloadKind,
  { status = {}, spec }: WorkloadObject,
  desired: number,
  ready: number,
): Rollout {
  const stuck = (status.conditions ?? []).some(
    ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
  );
  const partition = kind === 'StatefulSet' ? (spec.updateStrategy?.rollingUpdate?.partition ?? 0) : 0;
  const toUpdate = Math.max(0, desired - partition);
  const updated = updatedReplicas(kind, status, desired);
  if (updated < toUpdate) return waiting(`${updated} of ${toUpdate} pods updated`, desired, ready, stuck);
  const total = status.replicas ?? 0;
  if (total > desired) return waiting(`${total - desired} old pods to end`, desired, ready, stuck);
  if (ready < desired) return waiting(`${ready} of ${desired} pods ready`, desired, ready, stuck);
  const available = status.availableReplicas ?? 0;
  if (available < desired) return waiting(`${available} of ${desired} pods available`, desired, ready, stuck);
  return { complete: true, waitingFor: '', stuck: false, desired, ready };
}

/** A finished StatefulSet rollout drops `updatedReplicas` and names one revision twice instead. */
function updatedReplicas(kind: WorkloadKind, status: NonNullable<WorkloadObject['status']>, desired: number): number {
  const finished =
    kind === 'StatefulSet' && status.updateRevision !== undefined && status.currentRevision === status.updateRevision;
  return finished ? Math.min(desired, status.replicas ?? 0) : (status.updatedReplicas ?? 0);
}

function daemonSet({ status = {} }: WorkloadObject, desired: number, ready: number): Rollout {
  const updated = status.updatedNumberScheduled ?? 0;
  if (updated < desired) return waiting(`${updated} of ${desired} pods updated`, desired, ready);
  const available = status.numberAvailable ?? 0;
  if (available < desired) return waiting(`${available} of ${desired} pods available`, desired, ready);
  if (ready < desired) return waiting(`${ready} of ${desired} pods ready`, desired, ready);
  return { complete: true, waitingFor: '', stuck: false, desired, ready };
}
