import { describe, expect, it } from 'vitest';
import { comparer } from '../../../harness/proof/contract/compare.ts';
import { ContractCases, observe } from '../../../harness/proof/contract/run-contract.ts';
import { simBackend } from '../../../harness/proof/contract/sim-backend.ts';
import { Skips } from '../../../harness/proof/contract/skips.ts';
import { Suites } from '../../../harness/proof/contract/suites.ts';

const compared = comparer('api');

/** What the lab was seen to do is the measure; `npm run contract -- --backend lab` looks whether it still does. */
describe('the simulator, like the real API server', () => {
  for (const one of ContractCases) {
    const reason = Skips[one.title];
    it.skipIf(reason !== undefined)(`${one.title}${reason === undefined ? '' : ` (not here: ${reason})`}`, async () => {
      expect(compared(one.title, await observe(simBackend(), one))).toEqual([]);
    });
  }

  it('skips only cases that there are', () => {
    const titles = Object.values(Suites).flatMap((suite) => suite.titles);
    expect(Object.keys(Skips).filter((title) => !titles.includes(title))).toEqual([]);
    expect(new Set(titles).size).toBe(titles.length);
  });
});
