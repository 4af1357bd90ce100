import { describe, expect, it } from 'vitest';
import { CLUSTERS, decodeResponse, encodeRequest, frame, unframe } from '../../../harness/proof/lab/discovery.ts';
import { bytesField, readFields, varintField } from '../../../harness/proof/lab/protobuf.ts';

const fieldsOf = (message: Buffer) => [...readFields(message)].map(({ field }) => field);

describe('a discovery request', () => {
  it('introduces the proxy when it opens the stream', () => {
    const request = encodeRequest({
      typeUrl: CLUSTERS,
      node: { id: 'sidecar~10.0.0.1~a.b~b', metadata: { NAME: 'a' } },
    });
    expect(fieldsOf(request)).toEqual([2, 4]);
  });

  it('accepts a push by its version and its nonce', () => {
    expect(fieldsOf(encodeRequest({ typeUrl: CLUSTERS, versionInfo: '7', responseNonce: 'n' }))).toEqual([1, 4, 5]);
  });

  it('rejects a push by its nonce and an error, and keeps no version of it', () => {
    const request = encodeRequest({ typeUrl: CLUSTERS, responseNonce: 'n', error: 'bad cluster' });
    expect(fieldsOf(request)).toEqual([4, 5, 6]);
    expect(request.toString()).toContain('bad cluster');
  });
});

describe('a discovery response', () => {
  it('is read whatever else it carries', () => {
    const message = Buffer.concat([
      bytesField(1, '2026/1'),
      bytesField(2, 'a resource'),
      varintField(3, 1),
      bytesField(4, CLUSTERS),
      bytesField(5, 'nonce'),
      bytesField(6, 'istiod'),
    ]);
    expect(decodeResponse(message)).toEqual({ versionInfo: '2026/1', typeUrl: CLUSTERS, nonce: 'nonce' });
  });
});

describe('gRPC frames', () => {
  it('are taken off whole, however they were cut on the way', () => {
    const wire = Buffer.concat([frame(Buffer.from('first')), frame(Buffer.from('second'))]);
    const early = unframe(wire.subarray(0, 13));
    expect(early.messages.map(String)).toEqual(['first']);
    const late = unframe(Buffer.concat([early.rest, wire.subarray(13)]));
    expect(late.messages.map(String)).toEqual(['second']);
    expect(late.rest).toHaveLength(0);
  });
});
