import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/model/finding.ts';
import { overBudget } from '../../src/rollout/budget.ts';
import { NoRoom, RolloutStuck, WorkloadSuspected } from '../../src/rollout/rollout-findings.ts';
import { plan, workload } from '../mesh/world-fixtures.ts';

const wave = { name: 'rest', namespaces: ['n'] };
const members = (count: number) => Array.from({ length: count }, (_, index) => workload('n', `w${index}`));
const suspect = (index: number): Problem =>
  (index % 2 === 0 ? WorkloadSuspected : RolloutStuck).of(`w${index} fails`, [`Deployment n/w${index}`]);

const verdict = (of: number, failing: number, aside = 0) => {
  const setAside = new Map(
    Array.from({ length: aside }, (_, index): [string, Problem] => [`Deployment n/w${index}`, suspect(index)]),
  );
  const found = Array.from({ length: failing }, (_, index) => suspect(aside + index));
  return overBudget({ workloads: members(of), setAside }, wave, found, plan());
};

describe('how many workloads of a wave may fail since their restart', () => {
  it.for([
    { of: 10, failing: 3, aside: 0, blamed: false },
    { of: 10, failing: 4, aside: 0, blamed: true },
    { of: 10, failing: 1, aside: 3, blamed: true },
    { of: 100, failing: 5, aside: 0, blamed: false },
    { of: 100, failing: 6, aside: 0, blamed: true },
    { of: 2, failing: 1, aside: 0, blamed: false },
    { of: 2, failing: 1, aside: 1, blamed: true },
    { of: 1, failing: 1, aside: 0, blamed: true },
    { of: 10, failing: 0, aside: 3, blamed: false },
  ])(
    '$failing of $of, with $aside set aside before: the release is to blame: $blamed',
    ({ of, failing, aside, blamed }) => {
      const found = verdict(of, failing, aside);
      expect(found.map(({ code }) => code)).toEqual(blamed ? ['TOO_MANY_BROKEN'] : []);
      if (blamed) expect(found[0]?.objects).toHaveLength(failing + aside);
    },
  );

  it('does not count what has a known cause, nor the workloads of another wave', () => {
    const full = members(10).map(({ id }) => NoRoom.of('no room', [id]));
    expect(overBudget({ workloads: members(10), setAside: new Map() }, wave, full, plan())).toEqual([]);
    const elsewhere = new Map(['a', 'b', 'c', 'd'].map((name) => [`Deployment m/${name}`, suspect(0)]));
    expect(overBudget({ workloads: members(10), setAside: elsewhere }, wave, [suspect(1)], plan())).toEqual([]);
  });
});
