import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparer } from '../../../harness/proof/contract/compare.ts';
import { type LabBackend, labBackend } from '../../../harness/proof/contract/lab-backend.ts';
import { ContractCases, observe } from '../../../harness/proof/contract/run-contract.ts';

const compared = comparer('api');

/** The record that the simulator is measured by is still true. */
describe.concurrent('the real API server', () => {
  let backend: LabBackend;
  beforeAll(async () => {
    backend = await labBackend();
  });
  afterAll(() => backend.close());

  for (const one of ContractCases) {
    it(one.title, async () => {
      expect(compared(one.title, await observe(backend, one))).toEqual([]);
    });
  }
});
