import { defineFinding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { endOf } from '../model/waiver.ts';
import type { World } from '../model/world.ts';
import { podsElsewhere } from '../rollout/next-restarts.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const WaiverExpired = defineFinding({
  code: 'WAIVER_EXPIRED',
  severity: 'blocks',
  title: 'A waiver of the config has ended.',
  cause: 'The day in `until` is over, but the config still lets the workload keep the old proxy.',
  fix: 'Remove the waiver, so that the workload restarts with its wave, or give it a later day in `until`.',
  blames: 'person',
});

const WaiverUnused = defineFinding({
  code: 'WAIVER_UNUSED',
  severity: 'warns',
  title: 'A waiver of the config names a workload that does not exist.',
  cause: 'The workload was removed or renamed, or its name is misspelt.',
  fix: 'Remove the waiver, or correct its name: KIND NAMESPACE/NAME.',
  blames: 'person',
});

const WorkloadWaived = defineFinding({
  code: 'WORKLOAD_WAIVED',
  severity: 'notes',
  title: 'A waived workload keeps the old proxy.',
  cause: 'The config waives it, so no wave restarts it. The old istiod stays as long as those pods run.',
  fix: 'Replace its pods before stage 8, and remove the waiver.',
  blames: 'person',
});

const finds = [WaiverExpired, WaiverUnused, WorkloadWaived] as const;
type Found = FindingOf<typeof finds>;

export const waivers = defineCheck({ looksAt: ['workloads', 'now'], finds, find: checkWaivers });

/** A waiver leaves pods on the old proxy: a person must have decided for how long, and must renew it when that time is over. */
export function checkWaivers({ workloads, now }: Pick<World, 'workloads' | 'now'>, plan: Plan): readonly Found[] {
  const { waivers } = plan;
  const findings: Found[] = [];
  const described = ({ workload, until, reason }: (typeof waivers)[number]) => `${workload}, until ${until}: ${reason}`;
  const expired = waivers.filter((waiver) => now >= endOf(waiver));
  if (expired.length > 0)
    findings.push(
      WaiverExpired.of('The config waives workloads, but the day in `until` is over.', expired.map(described)),
    );
  const known = new Map(workloads.map((workload) => [workload.id, workload]));
  const unknown = waivers.filter(({ workload }) => !known.has(workload));
  if (unknown.length > 0)
    findings.push(WaiverUnused.of('The config waives workloads that do not exist.', unknown.map(described)));
  const holding = waivers.filter((waiver) => {
    const workload = known.get(waiver.workload);
    return now < endOf(waiver) && workload !== undefined && podsElsewhere(workload, plan) > 0;
  });
  if (holding.length > 0)
    findings.push(
      WorkloadWaived.of(
        'Workloads keep the old proxy because the config waives them. The old istiod is not removed while their pods run.',
        holding.map(described),
      ),
    );
  return findings;
}
