import { describe, expect, it } from 'vitest';
import {
  countedUntil,
  noRequests,
  type SeenRequests,
  sumRequests,
  valuesByTarget,
  withCounts,
  writtenUntil,
} from '../../../harness/proof/kind/requests.ts';
import { Expectations } from '../../../harness/rehearsal/scenarios/expectations.ts';
import { expectServed, requestLines } from '../../../harness/rehearsal/scenarios/request-claims.ts';

const outside = (second: number, served: number, failed = {}) =>
  `outside ${JSON.stringify({ second, target: 'foo/foo', served, failed, slowestMs: 7 })}`;
const fortio = (file: string, second: number, ok: boolean, details: string) =>
  `${file} ${JSON.stringify({ latency: 0.25, timestamp: second * 1e9, thread: 0, iter: 1, ok, details })}`;
const of = (client: string, text: string, window: { since: number; until?: number } = { since: 0 }) =>
  sumRequests(text, window).find((each) => each.client === client && each.sent > 0);

describe('what the clients got', () => {
  it('is summed up over the seconds of the client outside, with the seconds in which requests failed', () => {
    const text = [outside(100, 9), outside(101, 8, { 'HTTP 503': 2 }), outside(102, 9, { timeout: 1 })].join('\n');
    expect(of('outside', text)).toMatchObject({
      target: 'foo/foo',
      sent: 29,
      failed: { 'HTTP 503': 2, timeout: 1 },
      failedAt: [101, 102],
      slowestMs: 7,
    });
  });

  it('is summed up over the access logs of every pod of a client in the mesh', () => {
    const text = [
      fortio('grpc-caller-a', 100, true, 'SERVING'),
      fortio('grpc-caller-b', 101, false, 'rpc error: code = Unavailable desc = "dial tcp 10.0.0.1:80"'),
    ].join('\n');
    expect(of('grpc', text)).toMatchObject({ sent: 2, failed: { Unavailable: 1 }, slowestMs: 250 });
  });

  it.for([
    { details: '-1', how: 'no answer' },
    { details: '503', how: 'HTTP 503' },
    { details: 'read tcp 10.1.2.3:4->10.5.6.7:8: reset', how: 'read tcp ADDRESS: reset' },
  ])('is named "$how" when fortio says "$details"', ({ details, how }) => {
    expect(of('http1', fortio('http1-a', 1, false, details))?.failed).toEqual({ [how]: 1 });
  });

  it('does not contain what began before or after the time that is asked for', () => {
    const text = [outside(100, 9), outside(101, 4), outside(102, 3)].join('\n');
    expect(of('outside', text, { since: 101_000, until: 102_000 })?.sent).toBe(4);
  });

  it('does not contain a line that is still being written', () => {
    expect(of('outside', `${outside(100, 9)}\n${outside(101, 4).slice(0, 30)}`)?.sent).toBe(9);
  });

  it('is complete until the last second that the client outside has written', () => {
    const text = [outside(100, 9), outside(101, 4), fortio('http1-a', 900, true, '200')].join('\n');
    expect(writtenUntil(`${text}\n${outside(102, 4).slice(0, 30)}`)).toBe(101);
    expect(writtenUntil('')).toBe(0);
  });

  it('is nothing for a client that did not call', () => {
    expect(sumRequests('', { since: 0 })).toEqual(noRequests());
    expect(noRequests().map(({ client }) => client)).toEqual(
      expect.arrayContaining(['outside', 'http1', 'http2', 'grpc', 'tcp']),
    );
  });
});

describe('what Prometheus counted', () => {
  it('is not read from an answer that is an error', () => {
    expect(() => valuesByTarget('{"status":"error","error":"bad"}')).toThrow('Prometheus answered');
  });

  it('is asked for a moment, of the gateways, by workload', () => {
    expect(countedUntil(12.4, true)).toContain('response_code=~"[45]..|0"}[6h] @ 12)');
  });

  it('stands beside what the client outside got', () => {
    const counted = { sent: new Map([['foo/foo', 9]]), failed: new Map<string, number>() };
    const [first] = withCounts(sumRequests(outside(100, 9), { since: 0 }), counted);
    expect(first).toMatchObject({ target: 'foo/foo', counted: { sent: 9, failed: 0 } });
  });
});

describe('the claim on requests', () => {
  const seen = (more: Partial<SeenRequests>): SeenRequests => ({
    client: 'outside',
    target: 'foo/foo',
    mayNotFail: true,
    sent: 100,
    failed: {},
    failedAt: [],
    slowestMs: 9,
    ...more,
  });
  const one = { timeout: 1 };
  it.for([
    { is: 'all were served', requests: seen({}), well: true, holds: [true] },
    { is: 'one failed', requests: seen({ failed: one }), well: true, holds: [false] },
    {
      is: 'one failed of a workload that cannot surge',
      requests: seen({ failed: one, mayNotFail: false }),
      well: true,
      holds: [true],
    },
    { is: 'one failed of a bad release', requests: seen({ failed: one }), well: false, holds: [true] },
    { is: 'the client did not call', requests: seen({ sent: 0 }), well: true, holds: [false] },
    { is: 'the calls paused', requests: seen({ sent: 30 }), well: true, holds: [false] },
    { is: 'the client did not call a bad release', requests: seen({ sent: 0 }), well: false, holds: [false] },
    {
      is: 'the gateways counted the same',
      requests: seen({ counted: { sent: 97, failed: 0 } }),
      well: true,
      holds: [true, true],
    },
    {
      is: 'the gateways counted half',
      requests: seen({ sent: 1000, counted: { sent: 500, failed: 0 } }),
      well: true,
      holds: [true, false],
    },
    {
      is: 'the gateways counted failures that no client got',
      requests: seen({ counted: { sent: 100, failed: 40 } }),
      well: true,
      holds: [true, false],
    },
  ])('holds ($holds) when $is', ({ requests, well, holds }) => {
    const expectations = new Expectations();
    expectServed(expectations, { requests: [requests], seconds: 60 }, well);
    expect(expectations.list.map((each) => each.holds)).toEqual(holds);
  });

  it('is printed as a line for each client and workload', () => {
    expect(requestLines([seen({ failed: one, failedAt: [3], counted: { sent: 99, failed: 0 } })])).toEqual([
      'foo/foo (outside)  1 of 100 failed; the gateways counted 0 of 99 (timeout: 1, slowest 9 ms, failures in 1 s)',
    ]);
  });
});
