import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildLab } from '../../harness/proof/lab/build.ts';
import { rehearse } from '../../harness/rehearsal/rehearsal.ts';
import { shippedScenarios } from '../../harness/rehearsal/scenarios/shipped-scenarios.ts';

/** Those of the shipped scenarios that the lab can carry. */
const forLab = shippedScenarios().filter(({ backends }) => backends.includes('lab'));

/** Each in a file, so that labs run side by side. */
export const rehearsed = {
  undisturbed: ['seed', 'bad-release'],
  cutShort: ['cancelled', 'killed'],
  badInOtherWays: ['forbidden', 'gateway-third', 'no-route', 'slow'],
} as const;

export function rehearseOnLab(names: readonly string[]): void {
  describe('on real control planes', () => {
    const reportFolder = mkdtempSync(join(tmpdir(), 'rehearsal-'));
    beforeAll(
      async () => void (await buildLab({ env: process.env, tell: (line) => console.log(line), signal: undefined })),
    );
    afterAll(() => rmSync(reportFolder, { recursive: true, force: true }));

    it('every scenario that the lab can carry is rehearsed', () => {
      expect(Object.values(rehearsed).flat().toSorted()).toEqual(forLab.map(({ name }) => name).toSorted());
    });

    // Through action.yml wherever the scenario allows it: that is what most users run.
    const rehearsals = forLab
      .filter(({ name }) => names.includes(name))
      .map((scenario) => ({ scenario, entryPoint: scenario.entryPoint ?? ('action' as const) }));
    it.for(rehearsals)('$scenario.name through $entryPoint: $scenario.title', async ({ scenario, entryPoint }) => {
      const told: string[] = [];
      const { failed, expectations } = await rehearse('lab', scenario, {
        reportFolder,
        entryPoint,
        tell: (text) => void told.push(text),
        signal: AbortSignal.timeout(420_000),
      });
      expect(failed, told.join('')).toEqual([]);
      expect(expectations.length).toBeGreaterThan(5);
    });
  });
}
