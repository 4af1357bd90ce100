import { describe, expect, it } from 'vitest';
import { UpgradeError } from '../../src/model/upgrade-error.ts';
import { goalOf, planUpTo } from '../../src/plan/goal.ts';
import { plan } from '../mesh/world-fixtures.ts';

const grouped = plan({
  waves: ['canary', 'rest-1', 'rest-2', 'last'].map((name) => ({ name, namespaces: [name] })),
});

describe('a goal', () => {
  it.for([
    { text: undefined, goal: { step: 'remove-old-revision' } },
    { text: '3', goal: { step: 'move-tag' } },
    { text: 'precheck', goal: { step: 'precheck' } },
    { text: 'restart-waves', goal: { step: 'restart-waves' } },
    { text: 'canary', goal: { step: 'judge-canary' } },
    { text: 'rest-1', goal: { step: 'restart-waves', wave: 'rest-1' } },
    { text: 'rest', goal: { step: 'restart-waves', wave: 'rest-2' } },
    { text: 'last', goal: { step: 'restart-waves', wave: 'last' } },
  ])('of --through $text is $goal', ({ text, goal }) => {
    expect(goalOf(text, grouped)).toEqual(goal);
  });

  it('that is neither a stage nor a wave is refused, with the names of the waves', () => {
    expect(() => goalOf('res', grouped)).toThrow(UpgradeError);
    expect(() => goalOf('res', grouped)).toThrow(/rest-1/);
  });

  it('limits the plan to the waves up to its own', () => {
    expect(planUpTo(grouped, { step: 'restart-waves', wave: 'rest-1' }).waves.map(({ name }) => name)).toEqual([
      'canary',
      'rest-1',
    ]);
    expect(planUpTo(grouped, { step: 'remove-old-revision' })).toBe(grouped);
  });
});
