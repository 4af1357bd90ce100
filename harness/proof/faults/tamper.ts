import type { TransportRequest, TransportResponse } from '../../../src/kubernetes/transport.ts';

/** What becomes of a request. `crash` is the end of the process that sent it, before or after the server has done it. */
export type RequestFault =
  | 'crash-before'
  | 'crash-after'
  | 'refused'
  | 'timeout-before-commit'
  | 'timeout-after-commit'
  /** An answer instead of the write, or after it. */
  | { status: number; retryAfterSeconds?: number; after?: 'write' }
  /** Under way for so long before it arrives. */
  | { slowMs: number };

/** `crash-during`: the caller dies, and istioctl goes on as an orphan. */
export type IstioctlFault =
  | 'crash-before'
  | 'crash-during'
  | 'crash-after'
  | 'fail-before'
  | 'fail-after'
  | 'hang-before'
  | 'hang-after';

/** Stands in the way between one attempt and the cluster. Each part may be left out. */
export interface Tamper {
  onRequest?(request: TransportRequest, runId: string): RequestFault | undefined;
  onIstioctl?(args: readonly string[], runId: string): IstioctlFault | undefined;
  onResponse?(request: TransportRequest, response: TransportResponse): TransportResponse;
}
