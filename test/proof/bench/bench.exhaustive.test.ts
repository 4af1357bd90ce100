import { describe, expect, it } from 'vitest';
import { overheadOf, requestsPerWorkload } from '../../../harness/proof/bench/figures.ts';
import { measure } from '../../../harness/proof/bench/measure.ts';
import { ours } from '../../../harness/proof/faults/ours.ts';

describe('an undisturbed upgrade of ten namespaces, in virtual time', () => {
  it('takes little longer than its critical path, and restarts each workload once', async () => {
    const measured = await measure(ours, 10);
    expect(measured.end).toBe('completed');
    expect(overheadOf(measured)).toBeLessThanOrEqual(1.05);
    expect(measured.requests['workloads patch']).toBe(measured.workloads);
    expect(measured.requests['workloads get'] ?? 0).toBe(0);
    expect(measured.rolloutsAtOnce).toBeLessThanOrEqual(30);
    // A fixed price, shared by few workloads.
    expect(requestsPerWorkload(measured) * measured.workloads).toBeLessThan(350);
  });
});
