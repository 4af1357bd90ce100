import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formsOf, journalMaxBytes, sizeOf } from '../../src/engine/journal-form.ts';
import { keptVerdict } from '../../src/gate/kept-verdict.ts';
import { textOf } from '../../src/mesh/journal-text.ts';
import type { JudgedEvidence } from '../../src/model/evidence.ts';
import type { Journal } from '../../src/model/journal.ts';
import { judged } from '../effects/effects-fixtures.ts';
import { evidenceWith } from '../gate/gate-fixtures.ts';
import { plan } from '../mesh/world-fixtures.ts';

interface Size {
  waves: number;
  workloads: number;
  /** Series that a check of the config answers with. */
  pods: number;
  verdict: 'pass' | 'fail';
}

const words = ['payments', 'checkout', 'search', 'identity', 'ledger', 'catalogue', 'shipping', 'fraud'];

function journalOf({ waves, workloads, pods, verdict }: Size): Journal {
  const word = (index: number) => words[index % words.length] ?? '';
  const namespaces = Array.from({ length: waves }, (_, index) => `${word(index)}-${word(index * 7 + 3)}-team-${index}`);
  const own = Array.from({ length: waves }, (_, index) => ({
    name: `wave-of-${word(index)}-${index}`,
    namespaces: [namespaces[index] ?? ''],
  }));
  const bare = Array.from(
    { length: workloads },
    (_, index) => `Deployment ${namespaces[index % waves]}/${word(index * 3)}-service-${index}`,
  );
  const values = Array.from({ length: pods }, (_, index) => ({
    labels: ` ${JSON.stringify({ namespace: namespaces[index % waves], pod: `${word(index)}-service-${(index * 2_654_435_761) % 4_294_967_296}-x${index}` })}`,
    value: (index * 7_919) % 1_000_003,
  }));
  const check = (name: string) => ({
    name,
    query: `sum by (namespace, pod) (rate(${name}_total[5m]))`,
    max: 1,
    empty: 'hold' as const,
    values,
  });
  const evidence = evidenceWith({ checks: ['latency', 'errors', 'saturation'].map(check) });
  // Not the same text a thousand times: numbers differ from wave to wave.
  const kept = keptVerdict({ ...judged, verdict, evidence });
  const verdictOf = (index: number): JudgedEvidence => ({
    ...kept,
    reason: `server-side errors ${index * 31} of ${index * 7_919} requests (limit 1 %)`,
    at: 1_790_000_000_000 + index * 613_007,
  });
  const marks = own.map(({ name, namespaces: set }, index) => [
    name,
    {
      namespaces: set,
      startedAt: 1_790_000_000_000 + index * 600_011,
      readyAt: 1_790_000_100_000 + index * 600_013,
      verdict: verdictOf(index),
    },
  ]);
  return {
    schema: 1,
    runId: 'run1',
    epoch: 1,
    state: 'running',
    plan: plan({ waves: own, bare }),
    planHash: 'abc',
    originals: [],
    marks: { waves: Object.fromEntries(marks) },
    history: [],
  };
}

const read = (journal: Journal) => JSON.parse(textOf(formsOf(journal)[0] ?? {}) ?? '') as Journal;

describe('the form of a journal', () => {
  it('of a small upgrade is JSON that says everything', () => {
    const journal = journalOf({ waves: 3, workloads: 10, pods: 5, verdict: 'pass' });
    expect(JSON.parse(textOf(formsOf(journal)[0] ?? {}) ?? '')).toEqual(journal);
  });

  it('stays under 256 KiB at 10,000 pods a check, 1,000 waves and 10,000 workloads, and keeps what the engine decides by', () => {
    for (const verdict of ['pass', 'fail'] as const) {
      const journal = journalOf({ waves: 1_000, workloads: 10_000, pods: 10_000, verdict });
      expect(sizeOf(formsOf(journal)[0] ?? {})).toBeLessThanOrEqual(journalMaxBytes);
      expectKept(journal);
    }
  });

  it('stays under 256 KiB for any smaller upgrade', () => {
    const sizes = fc.record({
      waves: fc.integer({ min: 1, max: 1_000 }),
      workloads: fc.integer({ min: 0, max: 10_000 }),
      pods: fc.integer({ min: 0, max: 10_000 }),
      verdict: fc.constantFrom('pass' as const, 'fail' as const),
    });
    const property = fc.property(sizes, (size) => {
      const journal = journalOf(size);
      expect(sizeOf(formsOf(journal)[0] ?? {})).toBeLessThanOrEqual(journalMaxBytes);
      expectKept(journal);
    });
    fc.assert(property, { seed: 64, numRuns: 5 });
  });

  it('has a smaller one for an API server that refuses the first', () => {
    const [first = {}, second = {}] = formsOf(journalOf({ waves: 40, workloads: 10, pods: 10_000, verdict: 'pass' }));
    expect(sizeOf(second)).toBeLessThan(sizeOf(first));
  });
});

/** Plan, marks and verdicts; only what lies behind a verdict may be left out. */
function expectKept(journal: Journal): void {
  const kept = read(journal);
  expect(kept.plan).toEqual(journal.plan);
  for (const [wave, { verdict, ...marks }] of Object.entries(journal.marks.waves)) {
    const { verdict: keptVerdictOfWave, ...keptMarks } = kept.marks.waves[wave] ?? {};
    expect(keptMarks).toEqual(marks);
    expect(keptVerdictOfWave).toMatchObject({ verdict: verdict?.verdict, reason: verdict?.reason, at: verdict?.at });
  }
}
