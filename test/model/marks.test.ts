import { describe, expect, it } from 'vitest';
import { marksFor, type WaveMarks } from '../../src/model/marks.ts';
import { judged } from '../effects/effects-fixtures.ts';

const given = (namespaces: readonly string[] | undefined, verdict: 'pass' | 'fail'): WaveMarks => ({
  ...(namespaces && { namespaces }),
  startedAt: 1,
  readyAt: 2,
  verdict: { ...judged, verdict },
});

describe('the marks of a wave', () => {
  it.for([
    { marks: given(['a', 'b'], 'pass'), now: ['a', 'b'], valid: true, when: 'it has the same namespaces' },
    { marks: given(['a', 'b'], 'pass'), now: ['b'], valid: true, when: 'a namespace has left' },
    { marks: given(['a', 'b'], 'pass'), now: ['a', 'b', 'c'], valid: false, when: 'a namespace has joined' },
    { marks: given(['a', 'b'], 'pass'), now: ['c'], valid: false, when: 'it has other namespaces' },
    { marks: given(undefined, 'pass'), now: ['a'], valid: false, when: 'an earlier release recorded no namespaces' },
    { marks: given(undefined, 'pass'), now: [], valid: false, when: 'an earlier release recorded none and all left' },
    { marks: given(['a'], 'fail'), now: ['a', 'b'], valid: true, when: 'the verdict is a fail' },
  ])('hold when $when: $valid', ({ marks, now, valid }) => {
    expect(marksFor({ waves: { canary: marks } }, { name: 'canary', namespaces: now })).toEqual(valid ? marks : {});
  });

  it('are none before the wave begins', () => {
    expect(marksFor({ waves: {} }, { name: 'canary', namespaces: ['a'] })).toEqual({});
  });
});
