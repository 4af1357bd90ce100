import { describe, expect, it } from 'vitest';
import { checkRivals } from '../../src/checks/rivals.ts';
import type { Workload } from '../../src/model/world.ts';
import { New, Old, plan, rolledOut, tagAt, workload } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

const controller = (labels: Record<string, string>, more: Partial<Workload> = {}): Workload =>
  workload('system', 'controller-manager', {
    follows: undefined,
    pods: new Map([['none', 1]]),
    template: { labels, annotations: {}, hash: '1' },
    ...more,
  });
const restartedBy = (annotation: string, more: Partial<Workload> = {}): Workload =>
  workload('foo', 'foo', { template: { labels: {}, annotations: { [annotation]: '2026' }, hash: '1' }, ...more });

const fortsa = { 'app.kubernetes.io/name': 'fortsa', 'control-plane': 'controller-manager' };
const kyma = { 'app.kubernetes.io/component': 'istio-operator.kyma-project.io', 'kyma-project.io/module': 'istio' };

describe('controllers that restart workloads for their proxies', () => {
  const check = (workloads: readonly Workload[], tags = tagAt(Old)) => checkRivals({ workloads, tags }, plan());

  it.for([
    { says: [], when: 'there are none', workloads: [workload('foo')] },
    { says: ['blocks RIVAL_RESTARTER'], when: 'Fortsa runs', workloads: [controller(fortsa)] },
    { says: ['blocks RIVAL_RESTARTER'], when: "Kyma's module runs", workloads: [controller(kyma)] },
    {
      says: ['blocks RIVAL_RESTARTER', 'blocks RIVAL_RESTARTER'],
      when: 'both run',
      workloads: [controller(fortsa), controller(kyma)],
    },
    {
      says: [],
      when: 'it is scaled to zero',
      workloads: [controller(fortsa, { rollout: { ...rolledOut, desired: 0 } })],
    },
    {
      says: ['notes RESTARTED_BY_RIVAL'],
      when: 'only what it has restarted is found',
      workloads: [restartedBy('fortsa.scaffidi.net/restartedAt')],
    },
    {
      says: ['notes RESTARTED_BY_RIVAL'],
      when: "the newer annotation of Kyma's restarter is found",
      workloads: [restartedBy('restarter.istio-operator.kyma-project.io/restartedAt')],
    },
    {
      says: [],
      when: 'it has restarted what does not follow the tag',
      workloads: [restartedBy('fortsa.scaffidi.net/restartedAt', { follows: undefined })],
    },
  ])('are reported as $says when $when', ({ says, workloads }) => {
    expect(said(check(workloads))).toEqual(says);
  });

  it('only warn once the tag has moved, since to stop repairs nothing', () => {
    expect(said(check([controller(fortsa)], tagAt(New)))).toEqual(['warns RIVAL_RESTARTER']);
  });

  it('are named with the command that stops them', () => {
    expect(check([controller(kyma)])).toMatchObject([
      {
        message: expect.stringContaining("Kyma's Istio module runs"),
        objects: ['Deployment system/controller-manager'],
        fix: expect.stringContaining('kubectl -n system scale deployment/controller-manager --replicas=0'),
      },
    ]);
  });
});
