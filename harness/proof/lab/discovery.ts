import { bytesField, type JsonValue, readFields, struct, varintField } from './protobuf.ts';

/** The messages of `envoy.service.discovery.v3` that a proxy and istiod exchange. */
export const CLUSTERS = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
export const LISTENERS = 'type.googleapis.com/envoy.config.listener.v3.Listener';

export interface ProxyNode {
  /** `sidecar~IP~pod.namespace~namespace.svc.cluster.local` */
  id: string;
  metadata: { readonly [key: string]: JsonValue };
}

export interface DiscoveryRequest {
  typeUrl: string;
  /** Only in the first request of a stream. */
  node?: ProxyNode;
  /** What is in use: of the last accepted response. */
  versionInfo?: string;
  responseNonce?: string;
  /** Makes the request a NACK. */
  error?: string;
}

export interface DiscoveryResponse {
  versionInfo: string;
  typeUrl: string;
  nonce: string;
}

const INTERNAL = 13;

export function encodeRequest({ typeUrl, node, versionInfo, responseNonce, error }: DiscoveryRequest): Buffer {
  const parts: Buffer[] = [];
  if (versionInfo) parts.push(bytesField(1, versionInfo));
  if (node) parts.push(bytesField(2, Buffer.concat([bytesField(1, node.id), bytesField(3, struct(node.metadata))])));
  parts.push(bytesField(4, typeUrl));
  if (responseNonce) parts.push(bytesField(5, responseNonce));
  if (error) parts.push(bytesField(6, Buffer.concat([varintField(1, INTERNAL), bytesField(2, error)])));
  return Buffer.concat(parts);
}

export function decodeResponse(message: Buffer): DiscoveryResponse {
  const response = { versionInfo: '', typeUrl: '', nonce: '' };
  for (const { field, bytes } of readFields(message)) {
    if (field === 1) response.versionInfo = bytes.toString();
    else if (field === 4) response.typeUrl = bytes.toString();
    else if (field === 5) response.nonce = bytes.toString();
  }
  return response;
}

/** gRPC puts five bytes before a message: not compressed, and its length. */
export function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Takes the complete messages off the front of what has arrived. */
export function unframe(arrived: Buffer): { messages: Buffer[]; rest: Buffer } {
  const messages: Buffer[] = [];
  let rest = arrived;
  while (rest.length >= 5) {
    const end = 5 + rest.readUInt32BE(1);
    if (rest.length < end) break;
    messages.push(rest.subarray(5, end));
    rest = rest.subarray(end);
  }
  return { messages, rest };
}
