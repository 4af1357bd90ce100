import { type WorkloadKind, workloadKinds } from '../model/workload-kind.ts';
import { argoRollout } from './argo-rollout.ts';
import { daemonSet } from './daemon-set.ts';
import { deployment } from './deployment.ts';
import { statefulSet } from './stateful-set.ts';
import type { WorkloadDefinition } from './workload-definition.ts';

/** What is particular to each kind; no other code switches on a kind. */
const definitions = {
  Deployment: deployment,
  StatefulSet: statefulSet,
  DaemonSet: daemonSet,
  Rollout: argoRollout,
} satisfies Record<WorkloadKind, WorkloadDefinition>;

export const definitionOf = (kind: WorkloadKind): WorkloadDefinition => definitions[kind];

/** `Deployment foo/foo` */
export const workloadId = (kind: WorkloadKind, namespace: string, name: string): string =>
  `${kind} ${namespace}/${name}`;

export const isWorkloadKind = (kind: string): kind is WorkloadKind => Object.hasOwn(definitions, kind);

/** Each kind with its definition, in the order in which they are listed. */
export const allDefinitions: readonly (WorkloadDefinition & { kind: WorkloadKind })[] = workloadKinds.map((kind) => ({
  kind,
  ...definitions[kind],
}));
