import { describe, expect, it } from 'vitest';
import { checkProspects } from '../../src/checks/prospects.ts';
import { type Comparison, notAsked, type PodAnswer } from '../../src/model/world.ts';
import { causeOf, refusedByRelease, whyRefused } from '../../src/rollout/refusals.ts';
import { New, Old, plan } from '../mesh/world-fixtures.ts';

const refused: PodAnswer = { refused: 'violates PodSecurity', by: 'admission' };
const away: PodAnswer = { refused: 'failed calling webhook', by: 'injector' };
const full: PodAnswer = { passedOver: 'exceeded quota: compute' };
const unknown: PodAnswer = { unknown: 'the server is busy' };
const accepted = (revision: string): PodAnswer => ({ revision });

const comparison = (to: PodAnswer, from: Comparison['from'], ...others: readonly PodAnswer[]): Comparison => ({
  namespace: 'foo',
  workload: 'Deployment foo/foo',
  to,
  from,
  others: others.map((outcome) => ({ namespace: 'bar', workload: 'Deployment bar/bar', outcome })),
});

const table = [
  { cause: 'release', to: refused, from: accepted(Old), others: [] },
  { cause: 'release', to: refused, from: accepted(Old), others: [refused, full] },
  { cause: 'workload', to: refused, from: accepted(Old), others: [refused, accepted(New)] },
  { cause: 'surroundings', to: refused, from: refused, others: [] },
  { cause: 'unknown', to: refused, from: away, others: [] },
  { cause: 'unknown', to: refused, from: full, others: [] },
  { cause: 'unknown', to: refused, from: unknown, others: [] },
  { cause: 'unknown', to: away, from: notAsked, others: [] },
  { cause: 'unknown', to: full, from: notAsked, others: [] },
  { cause: 'unknown', to: unknown, from: notAsked, others: [] },
  { cause: 'over', to: accepted(New), from: notAsked, others: [] },
] as const;

describe('whose failure it is that pods are refused', () => {
  it.for(table)(
    'is $cause when they are told $to with the new sidecar, $from with the old one, and others $others',
    (row) => {
      expect(causeOf(comparison(row.to, row.from, ...row.others))).toBe(row.cause);
    },
  );

  it('leads an upgrade back at once when it is the release, and never a rollback', () => {
    const seen = comparison(refused, accepted(Old));
    expect(refusedByRelease([seen], plan())).toMatchObject([
      { code: 'SIDECAR_REFUSED', meaning: { blames: 'release' }, objects: ['Deployment foo/foo'] },
    ]);
    const back = plan({ direction: 'back', from: New, to: Old });
    expect(refusedByRelease([seen], back)).toEqual([]);
    expect(whyRefused('Deployment foo/foo', 'x', seen, 10_000, back)).toMatchObject([{ code: 'PODS_REFUSED' }]);
  });

  it.for([
    {
      code: 'WORKLOAD_REFUSED',
      setsAside: true,
      afterMs: 10_000,
      seen: comparison(refused, accepted(Old), accepted(New)),
    },
    { code: 'PODS_REFUSED', setsAside: true, afterMs: 10_000, seen: comparison(refused, refused) },
    { code: 'PODS_NOT_MADE', setsAside: true, afterMs: 30_000, seen: comparison(accepted(New), notAsked) },
    { code: 'REFUSAL_UNEXPLAINED', setsAside: undefined, afterMs: 30_000, seen: comparison(unknown, notAsked) },
    { code: 'REFUSAL_UNEXPLAINED', setsAside: undefined, afterMs: 30_000, seen: undefined },
  ])('is told as $code after $afterMs ms without a change', ({ code, setsAside, afterMs, seen }) => {
    const told = (ms: number) => whyRefused('Deployment foo/foo', 'it is refused', seen, ms, plan());
    expect(told(afterMs - 1)).toEqual([]);
    const [problem, ...others] = told(afterMs);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code, objects: ['Deployment foo/foo'] });
    expect(problem?.meaning.setsAside).toBe(setsAside);
  });

  it.for([
    { says: [], prospects: notAsked as typeof notAsked },
    { says: [], prospects: [comparison(accepted(New), notAsked)] },
    { says: ['blocks SIDECAR_REFUSED'], prospects: [comparison(refused, accepted(Old), refused)] },
    { says: ['warns WORKLOAD_REFUSED'], prospects: [comparison(refused, accepted(Old), accepted(New))] },
    { says: ['notes SIDECAR_NOT_TRIED'], prospects: [comparison(refused, refused)] },
    { says: ['notes SIDECAR_NOT_TRIED'], prospects: [comparison(unknown, notAsked)] },
  ])('is told before the tag moves as $says', ({ says, prospects }) => {
    const found = checkProspects({ prospects }, plan());
    expect(found.map(({ severity, code }) => `${severity} ${code}`)).toEqual(says);
  });

  it('does not block before the tag moves for workloads that are all waived', () => {
    const waivers = [{ workload: 'Deployment foo/foo', reason: 'it stays', until: '2027-01-01' }];
    const prospects = [comparison(refused, accepted(Old))];
    expect(checkProspects({ prospects }, plan({ waivers }))).toMatchObject([
      { code: 'SIDECAR_REFUSED', severity: 'warns' },
    ]);
  });
});
