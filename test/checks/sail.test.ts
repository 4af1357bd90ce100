import { expect, it } from 'vitest';
import { checkSail } from '../../src/checks/sail.ts';
import type { Owner } from '../../src/model/owner.ts';
import { controlPlane, plan } from '../mesh/world-fixtures.ts';

const find = (owner: Owner, from: string, to: string) =>
  checkSail({ controlPlanes: new Map([[from, controlPlane(from, { owner })]]) }, plan({ from, to }));
const revision = (name: string): Owner => ({ by: 'operator', name: `IstioRevision ${name}` });

it('an istiod of the Sail operator is told with the name that the operator will give the new one', () => {
  const [found] = find(revision('default-v1-30-4'), 'default-v1-30-4', '1-31-0');
  expect(found?.message).toContain('it will name the new one default-v1-31-0, and this upgrade waits for 1-31-0');
  expect(found?.fix).toMatch(/^Set target.revision: default-v1-31-0\. Stage 2 waits for spec.version v1\.31\.0/);
});

it('one whose successor is named right in the config is told with the grace period alone', () => {
  const [found] = find(revision('default-v1-30-4'), 'default-v1-30-4', 'default-v1-31-0');
  expect(found?.message).toBe(
    'The Sail operator owns istiod default-v1-30-4: it will name the new one default-v1-31-0.',
  );
  expect(found?.fix).toContain('inactiveRevisionDeletionGracePeriodSeconds');
});

it('one that would be replaced in place is told with the strategy that makes a second one', () => {
  const [found] = find(revision('default'), 'default', '1-31-0');
  expect(found?.message).toContain('would replace this istiod in place');
  expect(found?.fix).toContain('spec.updateStrategy.type: RevisionBased in the Istio default');
});

it.for<Owner>([
  { by: 'istioctl', name: '' },
  { by: 'operator', name: 'ControlPlane x' },
  { by: 'helm', name: 'IstioRevision x' },
])('an istiod of $by $name is not told', (owner) => {
  expect(find(owner, '1-30-4', '1-31-0')).toEqual([]);
});
