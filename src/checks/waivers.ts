import { defineFinding, type Finding } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { endOf } from '../model/waiver.ts';
import type { World } from '../model/world.ts';
import { podsElsewhere } from '../rollout/next-restarts.ts';
import { defineCheck } from './define-check.ts';

export const WaiverExpired = defineFinding({
  code: 'WAIVER_EXPIRED',
  severity: 'blocks',
  title: 'A waiver of the config has ended.',
  cause: 'The day in `until` is over, and the workload still keeps the old proxy by the config.',
  fix: 'Take the waiver out, so that the workload is restarted with its wave, or give it a new day in `until`.',
  blames: 'person',
});

export const WaiverUnused = defineFinding({
  code: 'WAIVER_UNUSED',
  severity: 'warns',
  title: 'A waiver of the config names a workload that does not exist.',
  cause: 'The workload was removed or renamed, or its name is misspelt.',
  fix: 'Take the waiver out, or correct its name: KIND NAMESPACE/NAME.',
  blames: 'person',
});

export const WorkloadWaived = defineFinding({
  code: 'WORKLOAD_WAIVED',
  severity: 'notes',
  title: 'A waived workload keeps the old proxy.',
  cause: 'The config waives it, so no wave restarts it. The old istiod stays as long as its pods live.',
  fix: 'Replace their pods before stage 8, and take the waiver out.',
  blames: 'person',
});

export const waivers = defineCheck({ looksAt: ['workloads', 'now'], find: checkWaivers });

/** A waiver leaves pods on the old proxy: for how long, and that it is still meant, must be somebody's decision. */
export function checkWaivers({ workloads, now }: Pick<World, 'workloads' | 'now'>, plan: Plan): readonly Finding[] {
  const { waivers } = plan;
  const findings: Finding[] = [];
  const described = ({ workload, until, reason }: (typeof waivers)[number]) => `${workload}, until ${until}: ${reason}`;
  const expired = waivers.filter((waiver) => now >= endOf(waiver));
  if (expired.length > 0)
    findings.push(WaiverExpired.of('The config waives workloads for a time that is over.', expired.map(described)));
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
        'Workloads keep the old proxy because the config waives them. The old istiod is not removed while their pods live.',
        holding.map(described),
      ),
    );
  return findings;
}
