import { describe, expect, it } from 'vitest';
import { classesOf } from '../../../src/mesh/probe/class-of.ts';
import { namespaces, workload } from '../world-fixtures.ts';

const named = (value: string) => ({ matchExpressions: [{ key: 'team', operator: 'In' as const, values: [value] }] });

/** Whether two workloads, each in a namespace with these labels, are of one class. */
function areAlike(
  one: Record<string, string>,
  other: Record<string, string>,
  { selectors = [] as Parameters<typeof classesOf>[1], more = {} as Parameters<typeof workload>[2] } = {},
): boolean {
  const classOf = classesOf(namespaces({ one, other }), selectors);
  return classOf(workload('one')) === classOf(workload('other', 'other', more));
}

const rev = { 'istio.io/rev': 'default' };
const selector = { namespaceSelector: named('a'), objectSelector: undefined };

describe('the class of a workload', () => {
  it.for([
    { alike: true, when: 'their labels decide nothing', one: { ...rev, team: 'a' }, other: { ...rev, team: 'b' } },
    { alike: false, when: 'they name another injector', one: rev, other: { 'istio-injection': 'enabled' } },
    {
      alike: false,
      when: 'PodSecurity enforces another level',
      one: rev,
      other: { ...rev, 'pod-security.kubernetes.io/enforce': 'baseline' },
    },
    {
      alike: false,
      when: 'PodSecurity enforces another version',
      one: { ...rev, 'pod-security.kubernetes.io/enforce': 'baseline' },
      other: {
        ...rev,
        'pod-security.kubernetes.io/enforce': 'baseline',
        'pod-security.kubernetes.io/enforce-version': 'v1.20',
      },
    },
    {
      alike: true,
      when: 'PodSecurity only warns',
      one: rev,
      other: { ...rev, 'pod-security.kubernetes.io/warn': 'baseline' },
    },
  ])('is the same: $alike, when $when', ({ alike, one, other }) => {
    expect(areAlike(one, other)).toBe(alike);
  });

  it('is another one where a webhook or a policy selects only one of the two namespaces', () => {
    expect(areAlike({ ...rev, team: 'a' }, { ...rev, team: 'b' }, { selectors: [selector] })).toBe(false);
    expect(areAlike({ ...rev, team: 'c' }, { ...rev, team: 'b' }, { selectors: [selector] })).toBe(true);
  });

  it('is another one where a webhook or a policy selects only one of the two pods', () => {
    const selectors = [{ namespaceSelector: undefined, objectSelector: named('a') }];
    const more = { template: { labels: { team: 'a' }, annotations: {}, hash: '' } };
    expect(areAlike(rev, rev, { selectors, more })).toBe(false);
    expect(areAlike(rev, rev, { selectors })).toBe(true);
  });

  it('of a gateway is a separate class, and so is that of a namespace labelled istio-injection', () => {
    expect(areAlike(rev, rev, { more: { isGateway: true } })).toBe(false);
  });
});
