import { describe, expect, it } from 'vitest';
import { slowRequests } from '../../../src/gate/gates/slow-requests.ts';
import type { WindowName } from '../../../src/model/evidence.ts';
import { evidenceWith, gateSettings, usual } from '../gate-fixtures.ts';

describe('slow requests', () => {
  it.for([
    { window: 'ready', verdict: 'inconclusive', since: 'its pods were ready, since these are slow at first' },
    { window: 'started', verdict: 'inconclusive', since: 'half a minute later' },
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
});
