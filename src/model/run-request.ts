/** What a person asks of the run that holds the lock, from any machine. */
export interface RunRequest {
  /** `pause`: begin nothing more. `abort`: go back. */
  verb: 'pause' | 'abort';
  /** A user and a machine, or the page of a job. */
  by: string;
  /** RFC 3339, as the API server's clock had it. */
  at: string;
}
