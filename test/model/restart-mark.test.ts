import { describe, expect, it } from 'vitest';
import { formatRestartMark, isOfPlan, parseRestartMark } from '../../src/model/restart-mark.ts';

describe('the mark of a restart', () => {
  it.for([
    { text: 'run1.forward', mark: { runId: 'run1', direction: 'forward' as const } },
    { text: 'run1.back.0123abcd', mark: { runId: 'run1', direction: 'back' as const, template: '0123abcd' } },
    { text: 'ci.42-1.back', mark: { runId: 'ci.42-1', direction: 'back' as const } },
  ])('$text is parsed, and formatted as the same text', ({ text, mark }) => {
    expect(parseRestartMark(text)).toEqual(mark);
    expect(formatRestartMark(mark)).toBe(text);
  });

  it.for([undefined, '', 'run1', '.forward', 'run1.sideways'])('%s is not parsed as a mark', (text) => {
    expect(parseRestartMark(text)).toBeUndefined();
  });

  it('belongs to a plan of the same run and direction, and to no other', () => {
    const plan = { runId: 'run1', direction: 'forward' } as const;
    expect(isOfPlan(parseRestartMark('run1.forward'), plan)).toBe(true);
    expect(isOfPlan(parseRestartMark('run1.back'), plan)).toBe(false);
    expect(isOfPlan(parseRestartMark('run2.forward'), plan)).toBe(false);
    expect(isOfPlan(undefined, plan)).toBe(false);
  });
});
