/** What a lock says of who has it. */
export interface Holder {
  id: string;
  /** The run's log: a URL, or a user and a machine. */
  where: string;
  /** RFC 3339, as the API server's clock had it. */
  since: string;
}
