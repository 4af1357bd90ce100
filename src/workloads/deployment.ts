import { Deployments } from '../ports/kinds.ts';
import { isUnseen, replicatedRollout, unseen, withRefusal } from './rollout-state.ts';
import { shareOfPods } from './share-of-pods.ts';
import { templateRestart, tokenInTemplate } from './template-restart.ts';
import type { WorkloadDefinition } from './workload-definition.ts';

const defaultSurge = '25%';

export const deployment: WorkloadDefinition = {
  resource: Deployments,
  mayBeAbsent: false,
  rolloutOf: (object) => {
    const { status = {}, spec } = object;
    const desired = spec.replicas ?? 1;
    if (isUnseen(object)) return unseen(desired, status.readyReplicas ?? 0);
    const stuck = (status.conditions ?? []).some(
      ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
    );
    const updated = status.updatedReplicas ?? 0;
    return withRefusal(replicatedRollout(object, { updated, toUpdate: desired, stuck }), object);
  },
  whyUnrestartable: ({ spec }) =>
    spec.paused === true ? 'it is paused, so a new template starts no rollout' : undefined,
  whyDown: ({ spec }) => {
    const replicas = spec.replicas ?? 1;
    if (replicas === 0) return undefined;
    if (spec.strategy?.type === 'Recreate') return 'its strategy is Recreate';
    if (replicas > 1) return undefined;
    const surge = String(spec.strategy?.rollingUpdate?.maxSurge ?? defaultSurge);
    return /^0%?$/.test(surge) ? 'it has one replica and may not surge' : undefined;
  },
  surgePods: ({ spec }, pods) =>
    pods === 0 || spec.strategy?.type === 'Recreate' || spec.paused === true
      ? 0
      : shareOfPods(spec.strategy?.rollingUpdate?.maxSurge ?? defaultSurge, pods, 'up'),
  restartPatch: templateRestart,
  tokenOf: tokenInTemplate,
  replicaSetLabel: 'pod-template-hash',
  makesPods: 'beside old ones',
  hasReplicas: true,
  replacementOf: ({ spec }) => {
    const { type, rollingUpdate: { maxSurge, maxUnavailable } = {} } = spec.strategy ?? {};
    return {
      type: type === 'Recreate' ? type : 'RollingUpdate',
      maxSurge,
      maxUnavailable,
      paused: spec.paused,
    };
  },
  withReplacement: ({ type, maxSurge, maxUnavailable, paused }) => {
    const rollingUpdate = {
      ...(maxSurge === undefined ? {} : { maxSurge }),
      ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
    };
    const isRolling = type === 'RollingUpdate' && Object.keys(rollingUpdate).length > 0;
    return {
      ...(paused === undefined ? {} : { paused }),
      strategy: { type, ...(isRolling ? { rollingUpdate } : {}) },
    };
  },
};
