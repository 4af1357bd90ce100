import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { revisionOfVersion } from '../model/revision.ts';
import type { World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const SailOperatorOwns = defineFinding({
  code: 'SAIL_OPERATOR_OWNS',
  severity: 'warns',
  title: 'The Sail operator (OpenShift Service Mesh 3) installs and removes the istiods of this mesh.',
  cause:
    'An IstioRevision owns the old istiod. With the update strategy RevisionBased, a new spec.version of its Istio makes an IstioRevision NAME-vX-Y-Z; with InPlace, the default, the istiod itself is replaced, and there is no revision to go back to. The operator removes a revision that nothing uses after spec.updateStrategy.inactiveRevisionDeletionGracePeriodSeconds, 30 by default.',
  fix: 'Set the update strategy RevisionBased, a longer grace period, and target.revision to the name that the operator will give.',
  blames: 'person',
});

const finds = [SailOperatorOwns] as const;

export const sail = defineCheck({ looksAt: ['controlPlanes'], finds, find: checkSail });

/** What its rules mean for this upgrade, by the owner that it writes into the istiod: its own resources are not read. */
export function checkSail(
  { controlPlanes }: Pick<World, 'controlPlanes'>,
  { from, to, versions }: Pick<Plan, 'from' | 'to' | 'versions'>,
): readonly FindingOf<typeof finds>[] {
  const { deployment, owner } = controlPlanes.get(from) ?? {};
  const [, revision] = /^IstioRevision (.+)$/.exec(owner?.by === 'operator' ? owner.name : '') ?? [];
  if (deployment === undefined || revision === undefined) return [];
  const named = /^(.+)-v\d+-\d+-\d+$/.exec(revision)?.[1];
  if (named === undefined)
    return [
      SailOperatorOwns.of(
        `The Sail operator owns istiod ${from} by IstioRevision ${revision}, whose name has no version: a new spec.version would replace this istiod in place.`,
        [deployment.name],
        `Set spec.updateStrategy.type: RevisionBased in the Istio ${revision}; the operator then runs a second istiod, ${nameOf(revision, versions.to)}, to which a revision canary can go.`,
      ),
    ];
  const expected = nameOf(named, versions.to);
  return [
    SailOperatorOwns.of(
      `The Sail operator owns istiod ${from}: it will name the new one ${expected}${to === expected ? '' : `, and this upgrade waits for ${to}`}.`,
      [deployment.name],
      `${to === expected ? '' : `Set target.revision: ${expected}. `}Stage 2 waits for spec.version v${versions.to} in the Istio ${named}. Give it a grace period that is longer than the upgrade (spec.updateStrategy.inactiveRevisionDeletionGracePeriodSeconds): the operator removes ${from} that long after the last pod has left it, and a rollback needs it.`,
    ),
  ];
}

const nameOf = (istio: string, version: string): string => `${istio}-v${revisionOfVersion(version)}`;
