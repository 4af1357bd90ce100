import type { Rollout } from '../model/rollout.ts';
import type { Kind, Patch } from '../ports/kubernetes.ts';
import type { WorkloadObject } from '../ports/objects.ts';

/** All that is specific to one kind of workload. Each function is pure and reads only the object. */
export interface WorkloadDefinition {
  /** Its kind in the API. */
  resource: Kind;
  /** Whether a cluster may not serve this API, since it comes with a CustomResourceDefinition. */
  mayBeAbsent: boolean;
  /** How far its rollout is, by the counts of its status. */
  rolloutOf(object: WorkloadObject): Rollout;
  /** Why our one write would not replace its pods; `undefined` when it would. */
  whyUnrestartable(object: WorkloadObject): string | undefined;
  /** Why all of its pods are away for a moment while it restarts; `undefined` when one is always there. */
  whyDown(object: WorkloadObject): string | undefined;
  /** The most pods that a restart runs beside the old ones at one moment. */
  surgePods(object: WorkloadObject, pods: number): number;
  /** The one write of a restart. It contains the annotation of the restart, so that the same restart is made only once. */
  restartPatch(restart: Restart): Pick<Patch, 'type' | 'body'>;
  /** The annotation of the last restart: its run and direction. */
  tokenOf(object: WorkloadObject): string | undefined;
  /** Owns its pods by way of ReplicaSets, each named after it and after this label of its pods; left out: it owns them itself. */
  replicaSetLabel?: string;
  /** The object of the same namespace that holds its pod template, when it is not in its own spec. */
  templateReference?(object: WorkloadObject): { kind: string; name: string } | undefined;
  /** Whether a restart makes the new pods beside the old ones, or each in the place of one that ended. */
  makesPods: 'beside old ones' | 'in place of old ones';
  /** Whether its spec says how many pods it has; a DaemonSet has one on each node. */
  hasReplicas: boolean;
  /** What to do besides when one of its pods cannot start. */
  adviceWhenPodCannotStart?(pod: string): string;
  /** How it replaces its pods, and an object that replaces them so: what an inventory keeps of it. */
  replacementOf(object: WorkloadObject): Replacement;
  withReplacement(replacement: Replacement): Partial<WorkloadObject['spec']>;
}

export interface Restart {
  token: string;
  /** The API server's clock, Unix milliseconds. */
  now: number;
}

/** How a controller replaces pods. What is left out is left to its own defaults. */
export interface Replacement {
  type: 'RollingUpdate' | 'Recreate' | 'OnDelete';
  maxSurge?: number | string | undefined;
  maxUnavailable?: number | string | undefined;
  partition?: number | undefined;
  paused?: boolean | undefined;
}
