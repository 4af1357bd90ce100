import { describe, expect, it } from 'vitest';
import { checkHealth } from '../../src/checks/health.ts';
import { unhealthyBefore } from '../../src/mesh/unhealthy-before.ts';
import { noMarks } from '../mesh/world-fixtures.ts';

const now = Date.UTC(2026, 10, 28, 12);
const abandoned = {
  workload: 'Deployment lab/abandoned',
  desired: 1,
  ready: 0,
  why: 'container app: CrashLoopBackOff',
};

describe('the check of health before the upgrade', () => {
  it('names each workload with its reason, and offers a waiver that can be copied', () => {
    const [found, ...rest] = checkHealth({ unhealthy: [abandoned], marks: noMarks, now });
    expect(rest).toEqual([]);
    expect(found).toMatchObject({
      code: 'WORKLOAD_UNHEALTHY',
      severity: 'warns',
      objects: ['Deployment lab/abandoned: 0 of 1 ready: container app: CrashLoopBackOff'],
    });
    expect(found?.fix).toContain(
      'waivers: [{ workload: Deployment lab/abandoned, reason: not healthy before the upgrade, until: 2026-12-28 }]',
    );
  });

  it.for([
    { when: 'all workloads are healthy', unhealthy: [], marks: noMarks },
    { when: 'a wave has begun', unhealthy: [abandoned], marks: { waves: { canary: { startedAt: 1 } } } },
  ])('finds nothing when $when', ({ unhealthy, marks }) => {
    expect(checkHealth({ unhealthy, marks, now })).toEqual([]);
  });
});

describe('what the journal keeps of workloads that were not healthy', () => {
  it('is bounded: of 10,000 workloads 200, and how many more', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({
      ...abandoned,
      workload: `Deployment ${'n'.repeat(63)}/${'w'.repeat(58)}${index}`,
    }));
    const kept = unhealthyBefore(many);
    expect(Object.keys(kept.workloads)).toHaveLength(200);
    expect(kept.more).toBe(9_800);
    expect(JSON.stringify(kept).length).toBeLessThan(40_000);
  });
});
