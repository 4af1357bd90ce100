import { describe, expect, it } from 'vitest';
import { checkDependents } from '../../src/checks/dependents.ts';
import { notAsked, type OtherUpgrade, type World } from '../../src/model/world.ts';
import { New, namespaces, Old, plan, tagAt, tagObjects, workload } from '../mesh/world-fixtures.ts';
import { said } from './findings-said.ts';

type Observed = Pick<World, 'dependents' | 'tags' | 'namespaces' | 'workloads'>;

const none = { proxies: [], upgrades: [], unknown: [] };
const undisturbed: Observed = { dependents: none, tags: tagAt(Old), namespaces: new Map(), workloads: [] };
const upgradeOf = (more: Partial<OtherUpgrade>): Observed['dependents'] => ({
  ...none,
  upgrades: [{ tag: 'prod', from: Old, to: New, state: 'waiting', ...more }],
});
const labelled = (revision: string) => ({
  labels: { app: 'foo', 'istio.io/rev': revision },
  annotations: {},
  hash: '',
});

describe('the check of who else depends on the old istiod', () => {
  it.for<{ says: string[]; when: string; world: Partial<Observed>; from?: string }>([
    { says: [], when: 'nothing does', world: {} },
    {
      says: ['warns OLD_REVISION_NAMED'],
      when: 'a namespace names the revision',
      world: { namespaces: namespaces({ shop: { 'istio.io/rev': Old } }) },
    },
    {
      says: ['warns OLD_REVISION_NAMED'],
      when: 'a pod template names the revision',
      world: { workloads: [workload('foo', 'foo', { template: labelled(Old) })] },
    },
    {
      says: [],
      when: 'the revision has the name of the tag, which the namespace means',
      world: { tags: tagAt('default'), namespaces: namespaces({ shop: { 'istio.io/rev': 'default' } }) },
      from: 'default',
    },
    {
      says: ['warns OTHER_TAG_AT_OLD'],
      when: 'another tag points to it',
      world: { tags: new Map([...tagAt(Old), ['prod', tagObjects({ webhook: Old })]]) },
    },
    {
      says: [],
      when: 'another tag points to the target',
      world: { tags: new Map([...tagAt(Old), ['prod', tagObjects({ webhook: New })]]) },
    },
    {
      says: ['warns PROXY_WITHOUT_POD'],
      when: 'a virtual machine is connected',
      world: { dependents: { ...none, proxies: ['ratings-vm-1.vm'] } },
    },
    {
      says: ['notes DEPENDENTS_UNKNOWN'],
      when: 'istiod could not be asked',
      world: { dependents: { ...none, unknown: ['connected proxies: forbidden'] } },
    },
    { says: [], when: 'the user lacks rights, which another finding says', world: { dependents: notAsked } },
    {
      says: ['warns OTHER_UPGRADE_NEEDS_OLD'],
      when: 'another upgrade can go back to it',
      world: { dependents: upgradeOf({}) },
    },
    {
      says: ['warns OTHER_UPGRADE_NEEDS_OLD'],
      when: 'another upgrade goes to it',
      world: { dependents: upgradeOf({ from: '1-29-2', to: Old, heldBy: 'OLD_REVISION_IN_USE' }) },
    },
    {
      says: [],
      when: 'another upgrade waits for nothing but its removal',
      world: { dependents: upgradeOf({ state: 'held', heldBy: 'OLD_REVISION_IN_USE' }) },
    },
    {
      says: [],
      when: 'another upgrade is between other revisions',
      world: { dependents: upgradeOf({ from: '1-29-2' }) },
    },
  ])('reports $says when $when', ({ says, world, from = Old }) => {
    expect(said(checkDependents({ ...undisturbed, ...world }, plan({ from })))).toEqual(says);
  });

  it('asks for the older proxy on a virtual machine before it is connected to an older istiod', () => {
    const world = {
      tags: tagAt(Old),
      namespaces: namespaces({}),
      workloads: [],
      dependents: { ...none, proxies: ['ratings-vm-1.vm'] },
    };
    const back = plan({ versions: { from: '1.31.0', to: '1.30.4' }, allowDowngrade: true });
    expect(checkDependents(world, back)[0]?.fix).toMatch(/^Install the proxy of 1\.30\.4 there first/);
    expect(checkDependents(world, plan())[0]?.fix).toMatch(/^Connect it to the new istiod/);
  });
});
