import { describe, expect, it } from 'vitest';
import { deployedObjects } from '../../harness/proof/lab/service-account.ts';
import { describeRight, rightsFor, type Scope } from '../../src/checks/rights.ts';
import type { InstallerKind } from '../../src/model/installer-kind.ts';
import type { Right } from '../../src/ports/kubernetes.ts';
import type { KubernetesObject } from '../lab/mesh-edits.ts';
import { type Rule, withoutRight } from '../lab/service-account.ts';

interface RoleRef {
  kind: string;
  name: string;
}

/** What a set of roles allows, without the role `lend`, which escalate and bind may replace. */
function allowedBy(objects: readonly KubernetesObject[], roles: readonly string[]): (right: Right) => boolean {
  const granted = objects.flatMap((object) => {
    const ref = object['roleRef'] as RoleRef | undefined;
    if (ref === undefined || !roles.includes(ref.name)) return [];
    const { namespace } = object.metadata;
    const role = objects.find(
      ({ kind, metadata }) => kind === ref.kind && metadata.name === ref.name && metadata.namespace === namespace,
    );
    return ((role?.['rules'] ?? []) as Rule[]).map((rule) => ({ ...rule, namespace }));
  });
  return ({ verb, group, resource, subresource, namespace }) => {
    const name = subresource === undefined ? resource : `${resource}/${subresource}`;
    return granted.some(
      (rule) =>
        rule.verbs.includes(verb) &&
        rule.apiGroups.includes(group) &&
        (rule.resources.includes(name) || rule.resources.includes('*')) &&
        (rule.namespace === undefined || rule.namespace === namespace),
    );
  };
}

const missing = (
  scope: Scope,
  objects: readonly KubernetesObject[],
  roles: readonly string[],
  installer?: InstallerKind,
) => {
  const allowed = allowedBy(objects, roles);
  return rightsFor(scope, 'istio-system', undefined, installer)
    .filter((right) => !allowed(right))
    .map(describeRight);
};

const look = 'istio-canary-upgrade-look';
const rollback = 'istio-canary-upgrade-rollback';
const upgrade = 'istio-canary-upgrade-upgrade';

describe('deploy/rbac.yaml', () => {
  it('labels every object with its part, so that a part can be applied alone', () => {
    const parts = deployedObjects().map(({ metadata }) => [
      /^istio-canary-upgrade-(.*)$/.exec(metadata.name)?.[1] ?? 'look',
      (metadata['labels'] as Record<string, string> | undefined)?.['istio-canary-upgrade/part'],
    ]);
    expect(parts.length).toBeGreaterThan(10);
    expect(parts.filter(([byName, byLabel]) => byName !== byLabel)).toEqual([]);
  });

  it('grants with its first role what plan and status need', () => {
    expect(missing('look', deployedObjects(), [look])).toEqual([]);
  });

  it('grants with its first two roles what rollback and finalize need', () => {
    expect(missing('rollback', deployedObjects(), [look, rollback])).toEqual([]);
  });

  it('grants with its first three roles what every command needs', () => {
    expect(missing('upgrade', deployedObjects(), [look, rollback, upgrade])).toEqual([]);
  });

  it('grants what Helm needs only together with deploy/rbac-helm.yaml', () => {
    const roles = [look, rollback, upgrade, 'istio-canary-upgrade-helm'];
    const withHelm = [...deployedObjects(), ...deployedObjects('rbac-helm.yaml')];
    expect(missing('upgrade', withHelm, roles, 'helm')).toEqual([]);
    expect(missing('rollback', deployedObjects(), [look, rollback], 'helm')).toEqual([]);
    expect(missing('upgrade', deployedObjects(), [look, rollback, upgrade], 'helm')).toContain(
      'update secrets in istio-system',
    );
  });

  it('does not let the rollback role create or remove a control plane', () => {
    const lacking = missing('upgrade', deployedObjects(), [look, rollback]);
    expect(lacking).toEqual(
      expect.arrayContaining(['create deployments.apps in istio-system', 'delete deployments.apps in istio-system']),
    );
    expect(lacking.filter((right) => right.startsWith('delete')).length).toBeGreaterThan(8);
  });

  it('grants its first role only get, list and watch, apart from pods', () => {
    const verbs = deployedObjects()
      .filter(({ metadata }) => metadata.name === look)
      .flatMap(({ rules }) => (rules as Rule[] | undefined) ?? [])
      .filter(({ resources }) => !resources.includes('pods'))
      .flatMap((rule) => rule.verbs);
    expect([...new Set(verbs)].sort()).toEqual(['get', 'list', 'watch']);
  });

  it('grants too little for an upgrade without the right to patch StatefulSets', () => {
    expect(missing('upgrade', withoutRight('patch', 'statefulsets'), [look, rollback, upgrade])).toEqual([
      'patch statefulsets.apps',
    ]);
  });
});
