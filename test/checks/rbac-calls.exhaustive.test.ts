import { beforeAll, describe, expect, it } from 'vitest';
import { deployedObjects } from '../../harness/proof/lab/service-account.ts';
import { describeRight } from '../../src/checks/rights.ts';
import type { Right } from '../../src/ports/kubernetes.ts';
import type { Rule } from '../lab/service-account.ts';
import {
  playCutUninstall,
  playKilled,
  playLooks,
  playRemoveNew,
  playRollback,
  playScenario,
  RightsUsed,
} from './rights-used.ts';

function grantsOf(...roles: readonly string[]): readonly Right[] {
  return deployedObjects()
    .filter(({ metadata }) => roles.includes(metadata.name))
    .flatMap(({ metadata: { namespace }, rules }) =>
      ((rules as Rule[] | undefined) ?? []).flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((name) =>
            verbs.map((verb): Right => {
              const [resource = name, subresource] = name.split('/');
              return {
                verb,
                group,
                resource,
                ...(subresource === undefined ? {} : { subresource }),
                ...(namespace === undefined ? {} : { namespace }),
              };
            }),
          ),
        ),
      ),
    );
}

const covers = (grant: Right, right: Right): boolean =>
  grant.verb === right.verb &&
  grant.group === right.group &&
  (grant.resource === '*' || grant.resource === right.resource) &&
  grant.subresource === right.subresource &&
  (grant.namespace === undefined || grant.namespace === right.namespace);

const look = 'istio-canary-upgrade-look';
const rollback = 'istio-canary-upgrade-rollback';
const upgrade = 'istio-canary-upgrade-upgrade';
const canaryFirst = 'istio-canary-upgrade-canary-first';

const plays = {
  'check, plan and status': { play: playLooks, roles: [look] },
  rollback: { play: (used) => playRollback(used, { istioctl: true }), roles: [look, rollback] },
  'rollback without istioctl': {
    play: (used) => playRollback(used, { istioctl: false }),
    roles: [look, rollback],
  },
  'unlock and finalize': { play: playKilled, roles: [look, rollback] },
  'rollback --remove-new': { play: playRemoveNew, roles: [look, rollback, upgrade] },
  'an upgrade whose uninstall was interrupted': { play: playCutUninstall, roles: [look, rollback, upgrade] },
  'scenario seed': { play: (used) => playScenario('seed', used), roles: [look, rollback, upgrade] },
  'scenario bad-release': { play: (used) => playScenario('bad-release', used), roles: [look, rollback, upgrade] },
  'scenario crash-loop': { play: (used) => playScenario('crash-loop', used), roles: [look, rollback, upgrade] },
  'scenario argo-rollout': { play: (used) => playScenario('argo-rollout', used), roles: [look, rollback, upgrade] },
  'scenario argo-rollout-bad-release': {
    play: (used) => playScenario('argo-rollout-bad-release', used),
    roles: [look, rollback, upgrade],
  },
  'scenario gateway-api-follows-tag': {
    play: (used) => playScenario('gateway-api-follows-tag', used),
    roles: [look, rollback, upgrade],
  },
  'scenario canary-first': {
    play: (used) => playScenario('canary-first', used),
    roles: [look, rollback, upgrade, canaryFirst],
  },
  'scenario canary-first-bad-release': {
    play: (used) => playScenario('canary-first-bad-release', used),
    roles: [look, rollback, upgrade, canaryFirst],
  },
} as const satisfies Record<string, { play: (used: RightsUsed) => Promise<void>; roles: readonly string[] }>;

const istioGroups = ['networking', 'security', 'telemetry', 'extensions'].map((group) => `${group}.istio.io`);

/**
 * Rights that the engine itself never uses, and why they are granted nevertheless: istioctl 1.31 used them according to the
 * audit log of a real API server, or its charts need them.
 */
const forOthers: readonly (readonly [
  reason: string,
  verbs: string,
  resources: string,
  group?: string,
  where?: 'istio',
])[] = [
  ['analyze lists and watches', 'list watch', 'secrets'],
  ['analyze lists and watches', 'watch', 'configmaps nodes'],
  ['analyze lists and watches', 'watch', 'customresourcedefinitions', 'apiextensions.k8s.io'],
  ...[...istioGroups, 'gateway.networking.k8s.io'].map(
    (group) => ['analyze lists and watches', 'watch', '*', group] as const,
  ),
  ...['install', 'config', 'authentication', 'rbac'].map(
    (group) =>
      [
        'stage 8 lists the CustomResourceDefinitions that an older Istio left',
        'list',
        '*',
        `${group}.istio.io`,
      ] as const,
  ),
  [
    'tag set applies, also what was not there',
    'create',
    'validatingwebhookconfigurations',
    'admissionregistration.k8s.io',
  ],
  ['tag set applies, also what was not there', 'create', 'services', '', 'istio'],
  [
    'tag set and install read whether there is a validator',
    'get',
    'validatingwebhookconfigurations',
    'admissionregistration.k8s.io',
  ],
  ['install applies', 'get create patch', 'customresourcedefinitions', 'apiextensions.k8s.io'],
  ['install applies', 'create patch', 'clusterroles clusterrolebindings', 'rbac.authorization.k8s.io'],
  ['install applies', 'create patch', 'roles rolebindings', 'rbac.authorization.k8s.io', 'istio'],
  ['install applies', 'patch', 'configmaps', '', 'istio'],
  ['install applies', 'create patch', 'serviceaccounts', '', 'istio'],
  ['install applies and waits, uninstall deletes', 'get create patch delete', 'deployments', 'apps', 'istio'],
  ['install waits by it', 'list', 'replicasets', 'apps', 'istio'],
  ['install applies', 'create patch', 'horizontalpodautoscalers', 'autoscaling', 'istio'],
  ['global.networkPolicy.enabled makes one', 'create patch delete', 'networkpolicies', 'networking.k8s.io', 'istio'],
  ['a chart with more than one replica has one', 'create patch delete', 'poddisruptionbudgets', 'policy', 'istio'],
  ['proxy-status asks each istiod', 'get', 'pods', '', 'istio'],
  ['proxy-status asks each istiod', 'create', 'pods/portforward serviceaccounts/token', '', 'istio'],
];

const reasoned = forOthers.flatMap(([, verbs, resources, group = '', where]) =>
  resources.split(' ').flatMap((name) =>
    verbs.split(' ').map((verb) => {
      const [resource = name, subresource] = name.split('/');
      return describeRight({
        verb,
        group,
        resource,
        ...(subresource === undefined ? {} : { subresource }),
        ...(where === undefined ? {} : { namespace: 'istio-system' }),
      });
    }),
  ),
);

const used = new Map<string, RightsUsed>();
const all = new RightsUsed();
beforeAll(async () => {
  for (const [name, { play }] of Object.entries(plays)) {
    const its = new RightsUsed();
    await play(its);
    used.set(name, its);
    all.add(its);
  }
});

describe('deploy/rbac.yaml compared with the requests of the engine', () => {
  it.for(Object.entries(plays))('the roles for %s allow all of its requests', ([name, { roles }]) => {
    const rights = used.get(name)?.all ?? [];
    expect(rights.length).toBeGreaterThan(5);
    const grants = grantsOf(...roles);
    expect(rights.filter((right) => !grants.some((grant) => covers(grant, right))).map(describeRight)).toEqual([]);
  });

  it('every granted right is used by the engine or, for a written reason, by istioctl', () => {
    const unasked = grantsOf(look, rollback, upgrade, canaryFirst).filter(
      (grant) => !all.all.some((right) => covers(grant, right)),
    );
    expect(unasked.map(describeRight).sort()).toEqual([...reasoned].sort());
  });

  it('a rollback lacks a right that is removed from the file', () => {
    const fewer = grantsOf(look, rollback).filter(({ verb, resource }) => `${verb} ${resource}` !== 'update leases');
    const rights = used.get('rollback')?.all ?? [];
    expect(rights.filter((right) => !fewer.some((grant) => covers(grant, right))).map(describeRight)).toEqual([
      'update leases.coordination.k8s.io in istio-system',
    ]);
  });
});
