import { connect } from 'node:http2';
import {
  CLUSTERS,
  type DiscoveryRequest,
  decodeResponse,
  encodeRequest,
  frame,
  LISTENERS,
  type ProxyNode,
  unframe,
} from './discovery.ts';

const METHOD = '/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources';

export interface AdsStream {
  /** Resolves, never rejects, with the reason. */
  ended: Promise<string>;
  close(): void;
}

/**
 * One proxy's stream to istiod: asks for clusters, then for listeners, and answers every push.
 * @param address `IP:15010`, plaintext gRPC
 * @param rejects asked at every push; true sends a NACK
 */
export function openAdsStream(address: string, node: ProxyNode, rejects: () => boolean): AdsStream {
  const session = connect(`http://${address}`);
  const stream = session.request({
    ':method': 'POST',
    ':path': METHOD,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const accepted = new Map<string, string>();
  const asked = new Set<string>();
  const ask = (request: DiscoveryRequest) => {
    asked.add(request.typeUrl);
    stream.write(frame(encodeRequest(request)));
  };

  const answer = (message: Buffer) => {
    const { typeUrl, versionInfo, nonce } = decodeResponse(message);
    const error = rejects();
    if (!error) accepted.set(typeUrl, versionInfo);
    const inUse = accepted.get(typeUrl);
    ask({
      typeUrl,
      responseNonce: nonce,
      ...(inUse !== undefined && { versionInfo: inUse }),
      ...(error && { error: 'rejected by the lab' }),
    });
    if (typeUrl === CLUSTERS && !asked.has(LISTENERS)) ask({ typeUrl: LISTENERS });
  };

  let arrived: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    const { messages, rest } = unframe(Buffer.concat([arrived, chunk]));
    arrived = rest;
    for (const message of messages) answer(message);
  });

  const ended = new Promise<string>((resolve) => {
    const end = (reason: string) => {
      resolve(reason);
      session.destroy();
    };
    session.on('error', (error) => end(error.message));
    session.on('close', () => end('connection closed'));
    session.on('goaway', () => end('istiod is going away'));
    stream.on('error', (error) => end(error.message));
    stream.on('trailers', (headers) => end(`gRPC status ${headers['grpc-status']} ${headers['grpc-message'] ?? ''}`));
    stream.on('close', () => end('stream closed'));
  });
  ask({ typeUrl: CLUSTERS, node });
  return { ended, close: () => session.destroy() };
}
