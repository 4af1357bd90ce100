import { describe, expect, it } from 'vitest';
import { checkNamespaces } from '../../src/checks/namespaces.ts';
import type { Workload } from '../../src/model/world.ts';
import { injectionWebhooks, namespaces, Old, plan, workload } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

const tagWebhooks = injectionWebhooks('istio-revision-tag-default', { tag: 'default', revision: Old });

describe('the check of namespaces', () => {
  const follows = { 'istio.io/rev': 'default' };
  const check = (labels: Record<string, Record<string, string>>, webhooks = tagWebhooks, workloads: Workload[] = []) =>
    said(checkNamespaces({ namespaces: namespaces(labels), webhooks, workloads }, plan()));

  it.for([
    { says: ['blocks NAMESPACE_WITH_BOTH_LABELS'], of: { 'istio-injection': 'enabled', 'istio.io/rev': 'prod' } },
    { says: ['blocks NAMESPACE_WITH_BOTH_LABELS'], of: { 'istio-injection': 'true', 'istio.io/rev': 'default' } },
    {
      says: ['blocks NAMESPACE_WITH_BOTH_LABELS'],
      of: { 'istio-injection': 'enabled', 'istio.io/rev': 'prod' },
      tag: 'prod',
    },
    // istio/istio.io#14597
    { says: [], of: { 'istio-injection': 'disabled', 'istio.io/rev': 'default' } },
    { says: [], of: { 'istio-injection': 'enabled', 'istio.io/rev': 'default' } },
    { says: [], of: { 'istio-injection': 'true', 'istio.io/rev': 'prod' } },
    { says: [], of: { 'istio-injection': 'enabled', 'istio.io/rev': 'default' }, tag: 'prod' },
  ])(
    'says $says of both labels $of when the tag is $tag, since one of them is ignored',
    ({ says, of, tag = 'default' }) => {
      const world = { namespaces: namespaces({ foo: of }), webhooks: tagWebhooks, workloads: [] };
      expect(said(checkNamespaces(world, plan({ tag })))).toEqual(says);
    },
  );

  it('blocks when two webhook configurations select the same pod', () => {
    const copy = injectionWebhooks('copy-of-the-tag', { tag: 'default', revision: Old });
    expect(check({ foo: follows }, [...tagWebhooks, ...copy])).toEqual(['blocks DOUBLE_INJECTION']);
    expect(check({ outside: {} }, [...tagWebhooks, ...copy])).toEqual([]);
  });

  it('warns of a namespace of the tag that no wave names', () => {
    expect(check({ late: follows }, tagWebhooks, [workload('late')])).toEqual(['warns NAMESPACE_IN_NO_WAVE']);
    expect(check({ foo: follows }, tagWebhooks, [workload('foo')])).toEqual([]);
  });
});
