/** What a restart of ours can replace the pods of. */
export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet';
