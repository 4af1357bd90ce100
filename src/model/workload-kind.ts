/** The kinds of workload whose pods our restart can replace; src/workloads says how each of them rolls. Rollout is that of Argo Rollouts. */
export const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'] as const;

export type WorkloadKind = (typeof workloadKinds)[number];
