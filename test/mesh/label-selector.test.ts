import { describe, expect, it } from 'vitest';
import { selects } from '../../src/mesh/label-selector.ts';
import type { LabelSelector } from '../../src/model/kubernetes-object.ts';

const expression = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', ...values: string[]): LabelSelector => ({
  matchExpressions: [{ key: 'k', operator, ...(values.length > 0 ? { values } : {}) }],
});

describe('a label selector', () => {
  it.for([
    { when: 'it is absent', selector: undefined, labels: {}, picks: true },
    { when: 'it is empty', selector: {}, labels: { k: 'v' }, picks: true },
    { when: 'matchLabels agree', selector: { matchLabels: { k: 'v' } }, labels: { k: 'v', other: 'x' }, picks: true },
    { when: 'matchLabels differ', selector: { matchLabels: { k: 'v' } }, labels: { k: 'w' }, picks: false },
    { when: 'In has the value', selector: expression('In', 'a', 'b'), labels: { k: 'b' }, picks: true },
    { when: 'In meets no label', selector: expression('In', 'a'), labels: {}, picks: false },
    { when: 'NotIn has the value', selector: expression('NotIn', 'a'), labels: { k: 'a' }, picks: false },
    { when: 'NotIn meets no label', selector: expression('NotIn', 'a'), labels: {}, picks: true },
    { when: 'Exists meets an empty value', selector: expression('Exists'), labels: { k: '' }, picks: true },
    { when: 'Exists meets no label', selector: expression('Exists'), labels: {}, picks: false },
    { when: 'DoesNotExist meets a label', selector: expression('DoesNotExist'), labels: { k: 'v' }, picks: false },
    {
      when: 'one of two expressions fails',
      selector: { matchLabels: { a: '1' }, ...expression('Exists') },
      labels: { a: '1' },
      picks: false,
    },
  ])('picks: $picks, when $when', ({ selector, labels, picks }) => {
    expect(selects(selector, labels)).toBe(picks);
  });
});
