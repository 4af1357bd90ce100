import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type EarlierVerdict, readVerdict } from '../../src/gate/read-verdict.ts';

/** Verdicts as release 0.1.0 gave them and wrote them into its journals. */
const recorded = JSON.parse(
  readFileSync(new URL('../fixtures/gate/judged-by-0.1.0.json', import.meta.url), 'utf8'),
) as readonly { when: string; judged: EarlierVerdict }[];

describe('readVerdict', () => {
  const [{ judged } = { judged: undefined }] = recorded.filter(({ when }) => when === 'the server side is red');
  if (judged === undefined) throw new Error('the table has lost its case');

  it('reads a journal of release 0.1.0 with its words and its numbers', () => {
    expect(readVerdict(judged)).toMatchObject({
      verdict: 'fail',
      reason: 'server-side errors 5.02 % of 1234 requests, limit 1 %',
      answers: judged.findings,
      traffic: [
        { gate: 'serverSide', requests: 1_234, errors: 62 },
        { gate: 'clientSide', requests: 10_000, errors: 10 },
        { gate: 'outbound', requests: 10_000, errors: 10 },
      ],
      evidence: {
        wave: 'canary',
        pods: 2,
        gates: { freshness: 2, serverSide: { worst: [{ pod: 'foo/foo-1', requests: 1_234, errors: 62 }] } },
      },
    });
  });

  it('does not count an istiod that was not scraped as zero', () => {
    const { gates } = readVerdict({ ...judged, evidence: { ...judged.evidence, controlPlaneSeen: false } }).evidence;
    expect(gates).toMatchObject({ controlPlane: false, xdsRejects: 'unseen', injectionFailures: 'unseen' });
  });

  it('returns a verdict of this release unchanged', () => {
    const whileReplaced = { requests: 900, errors: 3, flags: { UC: 3 }, durationMs: 42_000 };
    const current = { ...readVerdict(judged), whileReplaced };
    expect(readVerdict(JSON.parse(JSON.stringify(current)))).toEqual(current);
  });

  it('returns no count for a gate that the release which wrote the journal did not have', () => {
    const { evidence, ...current } = readVerdict(judged);
    const { outbound: _outbound, ...gates } = evidence.gates;
    const stored = JSON.parse(JSON.stringify({ ...current, evidence: { ...evidence, gates } }));
    expect(readVerdict(stored).evidence.gates).toMatchObject({ ...gates, outbound: { requests: 0, errors: 0 } });
  });
});
