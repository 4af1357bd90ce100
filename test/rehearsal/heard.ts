import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Scenario } from '../../harness/rehearsal/model/scenario.ts';
import { type Rehearsed, rehearse } from '../../harness/rehearsal/rehearsal.ts';

export const seed = 42;

/** Rehearses a scenario on the simulator, and keeps what it prints. */
export async function heard(scenario: Scenario, withSeed = seed): Promise<Rehearsed & { text: string }> {
  const reportFolder = mkdtempSync(join(tmpdir(), 'rehearsal-'));
  onTestFinished(() => rmSync(reportFolder, { recursive: true, force: true }));
  const told: string[] = [];
  const rehearsed = await rehearse('sim', scenario, {
    reportFolder,
    seed: withSeed,
    tell: (text) => void told.push(text),
    signal: new AbortController().signal,
  });
  return { ...rehearsed, text: told.join('').replaceAll(reportFolder, 'REPORTS') };
}
