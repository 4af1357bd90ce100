import type { Rollout } from '../model/rollout.ts';
import type { WorkloadObject } from '../ports/objects.ts';

/** A rollout that waits, and what it waits for. */
export const waiting = (waitingFor: string, desired: number, ready: number, stuck = false): Rollout => ({
  complete: false,
  waitingFor,
  stuck,
  desired,
  ready,
});

export const complete = (desired: number, ready: number): Rollout => ({
  complete: true,
  waitingFor: '',
  stuck: false,
  desired,
  ready,
});

export const unseen = (desired: number, ready: number): Rollout =>
  waiting('its controller has not seen the change yet', desired, ready);

/** A write is not yet seen while `observedGeneration` is behind; all counts are full in that moment. */
export function isUnseen({ metadata, status }: WorkloadObject): boolean {
  return Number(status?.observedGeneration ?? 0) < (metadata.generation ?? 0);
}

/** Adds why its controller may not create pods, if the status reports that. */
export function withRefusal(rollout: Rollout, { status }: WorkloadObject): Rollout {
  const failure = (status?.conditions ?? []).find((each) => each.type === 'ReplicaFailure' && each.status === 'True');
  return failure === undefined
    ? rollout
    : { ...rollout, refused: failure.message ?? failure.reason ?? 'no reason given' };
}

/**
 * Reads the counts as `kubectl rollout status` does, but stricter: every replica updated, ready and available.
 * @param toUpdate how many pods have to be new
 */
export function replicatedRollout(
  { status = {}, spec }: WorkloadObject,
  { updated, toUpdate, stuck }: { updated: number; toUpdate: number; stuck: boolean },
): Rollout {
  const desired = spec.replicas ?? 1;
  const ready = status.readyReplicas ?? 0;
  if (updated < toUpdate) return waiting(`${updated} of ${toUpdate} pods updated`, desired, ready, stuck);
  const total = status.replicas ?? 0;
  if (total > desired) return waiting(`${total - desired} old pods to end`, desired, ready, stuck);
  if (ready < desired) return waiting(`${ready} of ${desired} pods ready`, desired, ready, stuck);
  const available = status.availableReplicas ?? 0;
  if (available < desired) return waiting(`${available} of ${desired} pods available`, desired, ready, stuck);
  return complete(desired, ready);
}
