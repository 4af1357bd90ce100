import { describe, expect, it } from 'vitest';
import { checkAmbient } from '../../src/checks/ambient.ts';
import type { Workload } from '../../src/model/world.ts';
import { namespaces, plan, workload } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

const labelled = (labels: Readonly<Record<string, string>>, more: Partial<Workload> = {}) =>
  workload('foo', 'foo', { follows: undefined, template: { labels, annotations: {}, hash: '1' }, ...more });
const gateway = (className: string) =>
  labelled({
    'gateway.networking.k8s.io/gateway-name': 'foo',
    'gateway.networking.k8s.io/gateway-class-name': className,
  });
const inMode = (mode: string) => namespaces({ foo: { 'istio.io/dataplane-mode': mode } });

describe('the parts of ambient mode', () => {
  it.for([
    {
      says: ['warns ZTUNNEL_STAYS'],
      of: 'the DaemonSet ztunnel',
      workloads: [labelled({ app: 'ztunnel' }, { kind: 'DaemonSet' })],
    },
    { says: [], of: 'a Deployment whose pods are named so', workloads: [labelled({ app: 'ztunnel' })] },
    { says: ['notes NAMESPACE_IN_AMBIENT'], of: 'a namespace in ambient mode', has: inMode('ambient') },
    { says: [], of: 'a namespace that is kept out of it', has: inMode('none') },
    { says: ['warns WAYPOINT_PRESENT'], of: 'a waypoint', workloads: [gateway('istio-waypoint')] },
    { says: [], of: 'a Gateway API gateway that is no waypoint', workloads: [gateway('istio')] },
  ])('are told as $says of $of', ({ says, workloads = [], has = namespaces({}) }) => {
    expect(said(checkAmbient({ workloads, namespaces: has }, plan()))).toEqual(says);
  });

  it('are told with what upgrades ztunnel, and when', () => {
    const [found] = checkAmbient(
      { workloads: [labelled({ app: 'ztunnel' }, { kind: 'DaemonSet' })], namespaces: namespaces({}) },
      plan(),
    );
    expect(found?.message).toContain('stage 8 waits while it is connected to 1-30-4');
    expect(found?.fix).toContain('with the value revision=1-31-0');
  });
});
