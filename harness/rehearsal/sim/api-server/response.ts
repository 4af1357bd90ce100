import type { TransportResponse } from '../../../../src/kubernetes/transport.ts';
import type { ChunkStream } from './chunk-stream.ts';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | ChunkStream;
  /** Virtual milliseconds the server works before it answers. */
  afterMs: number;
}

export function answer(status: number, body: string | ChunkStream, contentType = 'application/json'): Answer {
  return { status, headers: { 'content-type': contentType }, body, afterMs: 0 };
}

export function jsonResponse(status: number, headers: Record<string, string>, body: string): TransportResponse {
  return {
    status,
    headers,
    text: async () => body,
    async *chunks() {
      yield Buffer.from(body, 'utf8');
    },
  };
}

export function streamResponse(
  status: number,
  headers: Record<string, string>,
  stream: ChunkStream,
): TransportResponse {
  return { status, headers, text: () => stream.text(), chunks: () => stream.chunks() };
}
