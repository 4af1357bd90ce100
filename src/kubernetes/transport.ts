/**
 * The only place that sends bytes to an API server. Two implementations: undici with the kubeconfig's credentials
 * (`client-transport.ts`), and the simulator, in process, without sockets. All code above it is the same for both.
 */
export interface Transport {
  /**
   * Sends one request and resolves when the head of the response has arrived, with any status.
   * @throws the network's own error when no response arrived (refused, reset, timed out, aborted)
   */
  send(request: TransportRequest): Promise<TransportResponse>;
}

export interface TransportRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path with query, for example `/api/v1/pods?limit=500`. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  signal: AbortSignal;
}

export interface TransportResponse {
  status: number;
  /** Lower-case names. `date` is always present: all times are those of the server. */
  headers: Readonly<Record<string, string>>;
  text(): Promise<string>;
  /** The body as it arrives; for watches. Ends when the server ends it. */
  chunks(): AsyncIterable<Uint8Array>;
}
