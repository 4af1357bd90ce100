import { describe, expect, it } from 'vitest';
import { slowRequests } from '../../../src/gate/gates/slow-requests.ts';
import type { WindowName } from '../../../src/model/evidence.ts';
import { evidenceWith, gateSettings, usual } from '../gate-fixtures.ts';

describe('slow requests', () => {
  it.for([
    { window: 'ready', verdict: 'inconclusive', since: 'its pods were ready, since these are slow at first' },
    { window: 'settled', verdict: 'fail', since: 'its pods have settled' },
    { window: 'recent', verdict: 'fail', since: 'some minutes' },
  ] as const satisfies readonly { window: WindowName; verdict: string; since: string }[])(
    'that are most of all requests give the verdict $verdict when they are counted since $since',
    ({ window, verdict }) => {
      const rest = { requests: 100_000, errors: 100 };
      const part = { normal: usual, windows: { [window]: { own: { requests: 1_000, errors: 900 }, rest } } };
      const judged = slowRequests.judge([part], gateSettings, evidenceWith({ slowRequests: [part] }));
      expect(judged.map((each) => each.verdict)).toEqual([verdict]);
    },
  );

  it('withhold the pass while the window of settled pods is still empty', () => {
    const rest = { requests: 100_000, errors: 100 };
    const windows = {
      ready: { own: { requests: 1_000, errors: 900 }, rest },
      settled: { own: { requests: 0, errors: 0 }, rest: { requests: 0, errors: 0 } },
    };
    const part = { normal: usual, windows };
    const judged = slowRequests.judge([part], gateSettings, evidenceWith({ slowRequests: [part] }));
    expect(judged.map(({ verdict, value }) => [verdict, value])).toEqual([
      ['inconclusive', '90 % (900 of 1000 requests), usually 0.1 %'],
    ]);
  });

  it('of pods that were slow at first fail nothing when the settled ones are as usual', () => {
    const rest = { requests: 100_000, errors: 100 };
    const windows = {
      ready: { own: { requests: 10_000, errors: 200 }, rest },
      settled: { own: { requests: 6_000, errors: 6 }, rest },
    };
    const part = { normal: usual, windows };
    const judged = slowRequests.judge([part], gateSettings, evidenceWith({ slowRequests: [part] }));
    expect(judged.map(({ verdict }) => verdict)).toEqual(['pass']);
  });
});
