import { describe, expect, it } from 'vitest';
import { checkWaivers } from '../../src/checks/waivers.ts';
import { reversed } from '../../src/model/plan.ts';
import { whyNotMoved } from '../../src/rollout/why-not-moved.ts';
import { New, plan, workload } from '../mesh/world-fixtures.ts';

const waiver = { workload: 'Deployment foo/foo', reason: 'moves on Sunday', until: '2026-11-30' };
const waiving = plan({ waivers: [waiver] });
const at = (text: string) => Date.parse(text);
const moved = { pods: new Map([[New, 2]]) };

describe('a waiver', () => {
  it.for([
    { says: 'notes WORKLOAD_WAIVED', when: 'it is valid', now: '2026-11-30T23:59:59Z', workloads: [workload('foo')] },
    {
      says: 'blocks WAIVER_EXPIRED',
      when: 'its last day is over',
      now: '2026-12-01T00:00:00Z',
      workloads: [workload('foo')],
    },
    { says: 'warns WAIVER_UNUSED', when: 'there is no such workload', now: '2026-11-23T00:00:00Z', workloads: [] },
    {
      says: '',
      when: 'the workload runs the new proxy already',
      now: '2026-11-23T00:00:00Z',
      workloads: [workload('foo', 'foo', moved)],
    },
  ])('leads to "$says" when $when', ({ says, now, workloads }) => {
    const findings = checkWaivers({ workloads, now: at(now) }, waiving);
    expect(findings.map(({ severity, code }) => `${severity} ${code}`).join()).toBe(says);
    for (const { objects } of findings)
      expect(objects).toEqual(['Deployment foo/foo, until 2026-11-30: moves on Sunday']);
  });

  it('exempts its workload from restarts, and no other', () => {
    expect(whyNotMoved(workload('foo'), waiving)).toBe('waived until 2026-11-30: moves on Sunday');
    expect(whyNotMoved(workload('bar'), waiving)).toBeUndefined();
    expect(whyNotMoved(workload('foo', 'foo', { unrestartable: 'it is paused' }), plan())).toBe('it is paused');
  });

  it('is ignored during a rollback: every workload that runs the new proxy is restarted', () => {
    expect(whyNotMoved(workload('foo'), reversed(waiving))).toBeUndefined();
  });
});
