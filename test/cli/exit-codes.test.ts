import { expect, it } from 'vitest';
import { failureCodes, outcomes } from '../../src/model/outcome.ts';

it('every outcome and every kind of failure has its fixed exit code', () => {
  const codes = Object.entries({ ...outcomes, ...failureCodes }).map(([name, { exitCode }]) => `${exitCode} ${name}`);
  expect(codes.sort()).toMatchInlineSnapshot(`
    [
      "0 completed",
      "0 nothing-to-do",
      "0 reached",
      "1 internal",
      "130 interrupted",
      "2 usage",
      "3 blocked",
      "4 held",
      "5 rolled-back",
      "6 rollback-held",
      "7 unreachable",
      "8 waiting",
    ]
  `);
});
