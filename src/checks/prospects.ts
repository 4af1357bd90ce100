import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { notAsked, type World } from '../model/world.ts';
import { causeOf, describeRefusal } from '../rollout/refusals.ts';
import { SidecarRefused, WorkloadRefused } from '../rollout/sidecar-findings.ts';
import { defineCheck, type FindingOf } from './define-check.ts';
import { textOf } from './injections.ts';

const SidecarNotTried = defineFinding({
  code: 'SIDECAR_NOT_TRIED',
  severity: 'notes',
  title: 'Whether pods with the new sidecar are admitted could not be tried before the tag moves.',
  cause:
    'No namespace without a label for injection let a dry-run pod have the new sidecar, or the API server said nothing of it. The pods are tried again when the tag has moved, and the tag goes back if the new sidecar is refused.',
  fix: 'Do nothing, or look at what the message names.',
  blames: 'surroundings',
});

const finds = [SidecarRefused, WorkloadRefused, SidecarNotTried] as const;
type Found = FindingOf<typeof finds>;

export const prospects = defineCheck({ looksAt: ['prospects'], finds, find: checkProspects });

/** Dry-run pods with the sidecar of the target must be admitted wherever those with the old one are. */
export function checkProspects(
  world: Pick<World, 'prospects'>,
  plan: Pick<Plan, 'from' | 'to' | 'waivers'>,
): readonly Found[] {
  if (world.prospects === notAsked) return [];
  const isWaived = (id: string) => plan.waivers.some(({ workload }) => workload === id);
  return world.prospects.flatMap((comparison): Found[] => {
    const { workload, to, others } = comparison;
    if ('revision' in to) return [];
    const asked = [workload, ...others.filter(({ outcome }) => 'refused' in outcome).map((each) => each.workload)];
    const cause = causeOf(comparison);
    if (cause === 'release')
      return [SidecarRefused.as(asked.every(isWaived) ? 'warns' : 'blocks', describeRefusal(comparison, plan), asked)];
    if (cause === 'workload') return [WorkloadRefused.as('warns', describeRefusal(comparison, plan), [workload])];
    // The pods as they are now are asked too, and what refuses them with any sidecar is told there.
    return [
      SidecarNotTried.of(
        `It is not known whether pods of ${workload} are admitted with the sidecar of ${plan.to}: ${textOf(to)}`,
        [workload],
      ),
    ];
  });
}
