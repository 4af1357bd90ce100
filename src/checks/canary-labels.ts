import { belongsTo, selectsFor } from '../mesh/belongs-to.ts';
import { withoutLabel } from '../mesh/disturbances.ts';
import { isOfGatewayApi } from '../mesh/gateway-wave.ts';
import { selectionOf } from '../mesh/injection.ts';
import { pointsTo } from '../mesh/tag-strays.ts';
import { defineFinding } from '../model/finding.ts';
import { describeOwner, ownerKinds } from '../model/owner.ts';
import { type Plan, strategyOf } from '../model/plan.ts';
import type { NamespaceState, World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';
import { gitOpsManagers } from './owners.ts';

const CanaryNotLabellable = defineFinding({
  code: 'CANARY_NOT_LABELLABLE',
  severity: 'blocks',
  title: 'A namespace of the canary cannot be given the new revision by a label.',
  cause:
    'With strategy canary-first the label istio.io/rev of the namespace names the new revision until the end of the upgrade. A GitOps controller or an operator that owns the namespace would set the label back; in a namespace without an own label for injection it would inject every pod; and istiod replaces Gateway API gateways of the namespace as soon as it is there.',
  fix: 'Choose another namespace for the canary, let the owner leave the labels alone and say so in mesh.namespaceOwner, or use strategy tag-first.',
  blames: 'person',
});

const CanaryWrittenByGitops = defineFinding({
  code: 'CANARY_WRITTEN_BY_GITOPS',
  severity: 'warns',
  title: 'A GitOps controller has written a namespace of the canary, and may set its labels back.',
  cause: 'It is among the field managers of the namespace, although no mark of an owner is on it.',
  fix: 'Make sure that it does not write the namespace during the upgrade; then say so in mesh.namespaceOwner.',
  blames: 'surroundings',
});

const finds = [CanaryNotLabellable, CanaryWrittenByGitops] as const;
type Found = FindingOf<typeof finds>;

export const canaryLabels = defineCheck({
  looksAt: ['namespaces', 'webhooks', 'workloads', 'tags'],
  finds,
  find: checkCanaryLabels,
});

type Observed = Pick<World, 'namespaces' | 'webhooks' | 'workloads' | 'tags'>;

/** Before the canary has its labels; afterwards, and once the tag has moved, there is nothing to ask. */
export function checkCanaryLabels(world: Observed, plan: Plan): readonly Found[] {
  if (strategyOf(plan) === 'tag-first' || pointsTo(world.tags, plan.tag, plan.to)) return [];
  const namespaces = withoutLabel(world, plan);
  const reasons = namespaces.flatMap((namespace) => {
    const why = whyNot(namespace, world, plan);
    return why === undefined ? [] : [`${namespace.name}: ${why}`];
  });
  const written = plan.namespaceOwner === undefined ? namespaces.filter(isWrittenByGitops) : [];
  return [
    ...(reasons.length === 0
      ? []
      : [
          CanaryNotLabellable.of(
            `${reasons.length === 1 ? 'A namespace of the canary' : `${reasons.length} namespaces of the canary`} cannot be labelled istio.io/rev=${plan.to} for the time of the upgrade.`,
            reasons,
          ),
        ]),
    ...(written.length === 0
      ? []
      : [
          CanaryWrittenByGitops.of(
            `A GitOps controller has written ${written.map(({ name, managers }) => `namespace ${name} (${managers.filter(isGitOps).join(', ')})`).join(', ')}.`,
            written.map(({ name }) => name),
          ),
        ]),
  ];
}

function whyNot(namespace: NamespaceState, world: Observed, plan: Plan): string | undefined {
  const { name, labels, owner } = namespace;
  if (owner !== undefined && ownerKinds[owner.by].restores && (owner.standsBack ?? plan.namespaceOwner) === undefined)
    return `${describeOwner(owner)} owns it and would set its labels back`;
  const isByItself = selectsFor(selectionOf(world.webhooks, labels, {}), name, plan);
  if (!isByItself) return 'it has no label of the tag itself; only its pods have one';
  const gateway = world.workloads.find(
    (workload) => workload.namespace === name && isOfGatewayApi(workload) && belongsTo(workload, plan),
  );
  return gateway && `istiod would replace ${gateway.id}, a gateway of the Gateway API, as soon as the label is there`;
}

const isGitOps = (manager: string): boolean => gitOpsManagers.test(manager);

const isWrittenByGitops = ({ owner, managers }: NamespaceState): boolean =>
  !(owner && ownerKinds[owner.by].restores) && managers.some(isGitOps);
