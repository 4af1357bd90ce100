import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judgeGate } from '../../src/gate/judge.ts';
import type { JudgedEvidence } from '../../src/model/evidence.ts';
import { gateSettings } from './gate-fixtures.ts';

/** Verdicts as release 0.1.0 gave them and wrote them into its journals. */
const recorded = JSON.parse(
  readFileSync(new URL('../fixtures/gate/judged-by-0.1.0.json', import.meta.url), 'utf8'),
) as readonly { when: string; judged: JudgedEvidence }[];

describe('the verdicts of release 0.1.0', () => {
  it.for(recorded)('are given again, word by word, when $when', ({ judged }) => {
    const { verdict, reason, at, findings } = judgeGate(judged.evidence, gateSettings, judged.at);
    expect({ verdict, reason, at, findings }).toEqual({
      verdict: judged.verdict,
      reason: judged.reason,
      at: judged.at,
      findings: judged.findings,
    });
  });
});
