/** How people name a cluster and who asks it; all of it from the kubeconfig. */
export interface ClusterName {
  /** `in-cluster` for a service account. */
  context: string;
  /** Of the kubeconfig's entry. */
  cluster: string;
  /** The URL of the API server, without a password. */
  server: string;
  /** Of the kubeconfig's entry. */
  user: string;
}

/** `production (https://10.0.0.1:6443, user admin)` */
export const describeCluster = ({ context, server, user }: ClusterName): string =>
  `${context} (${server}, user ${user})`;
