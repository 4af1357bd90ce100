/** The kinds of workload whose pods our restart can replace; src/workloads says how each of them rolls. */
export const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

export type WorkloadKind = (typeof workloadKinds)[number];
