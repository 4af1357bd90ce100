import { describe, expect, it } from 'vitest';
import { UpgradeError } from '../../src/model/upgrade-error.ts';
import { goalOf, planUpTo } from '../../src/plan/goal.ts';
import { forward } from '../../src/stages/index.ts';
import { plan } from '../mesh/world-fixtures.ts';

const grouped = plan({
  waves: ['canary', 'rest-1', 'rest-2', 'last'].map((name) => ({ name, namespaces: [name] })),
});

describe('a goal', () => {
  it.for([
    { text: undefined, goal: { stage: 8 } },
    { text: '3', goal: { stage: 3 } },
    { text: 'precheck', goal: { stage: 1 } },
    { text: 'restart-waves', goal: { stage: 7 } },
    { text: 'canary', goal: { stage: 6 } },
    { text: 'rest-1', goal: { stage: 7, wave: 'rest-1' } },
    { text: 'rest', goal: { stage: 7, wave: 'rest-2' } },
    { text: 'last', goal: { stage: 7, wave: 'last' } },
  ])('of --through $text is $goal', ({ text, goal }) => {
    expect(goalOf(text, grouped, forward)).toEqual(goal);
  });

  it('that is neither a stage nor a wave is refused with what there is', () => {
    expect(() => goalOf('res', grouped, forward)).toThrow(UpgradeError);
    expect(() => goalOf('res', grouped, forward)).toThrow(/rest-1/);
  });

  it('cuts the plan off behind its wave', () => {
    expect(planUpTo(grouped, { stage: 7, wave: 'rest-1' }).waves.map(({ name }) => name)).toEqual(['canary', 'rest-1']);
    expect(planUpTo(grouped, { stage: 8 })).toBe(grouped);
  });
});
