/** How far a workload's rollout is, by the counts of its status. Says nothing about which proxy its pods run. */
export interface Rollout {
  complete: boolean;
  /** Why it is not; empty when complete. */
  waitingFor: string;
  /** Kubernetes itself gave up: `ProgressDeadlineExceeded`. */
  stuck: boolean;
  /** Why its controller may not make the pods that it wants: a quota, a policy, a webhook. Deployments and Rollouts say so. */
  refused?: string;
  desired: number;
  ready: number;
}
