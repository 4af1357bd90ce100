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
    {
      when: 'matchLabels equal the labels',
      selector: { matchLabels: { k: 'v' } },
      labels: { k: 'v', other: 'x' },
      picks: true,
    },
    {
      when: 'matchLabels differ from the labels',
      selector: { matchLabels: { k: 'v' } },
      labels: { k: 'w' },
      picks: false,
    },
    { when: 'In lists the value of the label', selector: expression('In', 'a', 'b'), labels: { k: 'b' }, picks: true },
    { when: 'the label of In is missing', selector: expression('In', 'a'), labels: {}, picks: false },
    {
      when: 'NotIn lists the value of the label',
      selector: expression('NotIn', 'a'),
      labels: { k: 'a' },
      picks: false,
    },
    { when: 'the label of NotIn is missing', selector: expression('NotIn', 'a'), labels: {}, picks: true },
    { when: 'the label of Exists is empty', selector: expression('Exists'), labels: { k: '' }, picks: true },
    { when: 'the label of Exists is missing', selector: expression('Exists'), labels: {}, picks: false },
    {
      when: 'the label of DoesNotExist exists',
      selector: expression('DoesNotExist'),
      labels: { k: 'v' },
      picks: false,
    },
    {
      when: 'one of two requirements is not met',
      selector: { matchLabels: { a: '1' }, ...expression('Exists') },
      labels: { a: '1' },
      picks: false,
    },
  ])('returns $picks when $when', ({ selector, labels, picks }) => {
    expect(selects(selector, labels)).toBe(picks);
  });
});
