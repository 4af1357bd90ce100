import { describe, expect, it } from 'vitest';
import { targets } from '../../../harness/proof/kind/manifests.ts';
import { readRequests, type SeenRequests, valuesByTarget } from '../../../harness/proof/kind/requests.ts';
import type { Backend } from '../../../harness/rehearsal/model/backend.ts';
import { Expectations } from '../../../harness/rehearsal/scenarios/expectations.ts';
import { expectServed } from '../../../harness/rehearsal/scenarios/request-claims.ts';

const queries = { sent: 'sent', failed: 'failed' };
const counted = new Map(targets().map(({ target }) => [target, 50]));

describe('what was sent', () => {
  it('is read for every target; one without a series of failures has none', async () => {
    const failed = new Map([['bar/bar', 3]]);
    const seen = await readRequests(queries, async (promql) => (promql === 'sent' ? counted : failed));
    expect(seen.map(({ target, sent, failed }) => [target, sent, failed])).toEqual(
      targets().map(({ target }) => [target, 50, target === 'bar/bar' ? 3 : 0]),
    );
  });

  it('is unknown as soon as one target is not counted', async () => {
    await expect(readRequests(queries, async () => new Map())).rejects.toThrow(
      'nothing counts the requests to foo/foo',
    );
  });

  it('is not read from an answer that is an error', () => {
    expect(() => valuesByTarget('{"status":"error","error":"bad"}')).toThrow('Prometheus answered');
  });
});

describe('the claim on requests', () => {
  const requests: SeenRequests[] = [{ target: 'foo/foo', surges: true, sent: 100, failed: 5 }];
  it.for([
    { is: 'all were served', sent: 200, failed: 5, surges: true, well: true, holds: true },
    { is: 'one failed', sent: 200, failed: 6, surges: true, well: true, holds: false },
    { is: 'one failed of a workload that cannot surge', sent: 200, failed: 6, surges: false, well: true, holds: true },
    { is: 'one failed of a bad release', sent: 200, failed: 6, surges: true, well: false, holds: true },
    { is: 'no request was sent', sent: 100, failed: 5, surges: true, well: true, holds: false },
    { is: 'the calls paused', sent: 130, failed: 5, surges: true, well: true, holds: false },
    { is: 'no request reached a bad release', sent: 100, failed: 5, surges: true, well: false, holds: false },
  ])('$is: holds $holds', async ({ sent, failed, surges, well, holds }) => {
    const expectations = new Expectations();
    const backend = {
      now: () => 60_000,
      requests: async () => [{ target: 'foo/foo', surges, sent, failed }],
    } as Partial<Backend> as Backend;
    await expectServed(backend, expectations, { requests, at: 0 }, well);
    expect(expectations.list.map((each) => each.holds)).toEqual([holds]);
  });
});
