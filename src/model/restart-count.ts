/** How far the restarts of a wave are, or of a rollback. */
export interface RestartCount {
  /** Empty in a rollback, which restarts everything at once. */
  wave: string;
  workloads: number;
  /** Every pod runs the new proxy and is ready; or it is left alone, or set aside. */
  done: number;
}
