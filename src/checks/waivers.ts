import { type Finding, note, problem, warning } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { endOf } from '../model/waiver.ts';
import type { World } from '../model/world.ts';
import { podsElsewhere } from '../rollout/next-restarts.ts';

/** A waiver leaves pods on the old proxy: for how long, and that it is still meant, must be somebody's decision. */
export function checkWaivers({ workloads, now }: Pick<World, 'workloads' | 'now'>, plan: Plan): readonly Finding[] {
  const { waivers } = plan;
  const findings: Finding[] = [];
  const described = ({ workload, until, reason }: (typeof waivers)[number]) => `${workload}, until ${until}: ${reason}`;
  const expired = waivers.filter((waiver) => now >= endOf(waiver));
  if (expired.length > 0)
    findings.push(
      problem(
        'WAIVER_EXPIRED',
        'The config waives workloads for a time that is over.',
        'Take the waiver out, so that the workload is restarted with its wave, or give it a new day in `until`.',
        expired.map(described),
      ),
    );
  const known = new Map(workloads.map((workload) => [workload.id, workload]));
  const unknown = waivers.filter(({ workload }) => !known.has(workload));
  if (unknown.length > 0)
    findings.push(
      warning(
        'WAIVER_UNUSED',
        'The config waives workloads that do not exist.',
        'Take the waiver out, or correct its name: KIND NAMESPACE/NAME.',
        unknown.map(described),
      ),
    );
  const holding = waivers.filter((waiver) => {
    const workload = known.get(waiver.workload);
    return now < endOf(waiver) && workload !== undefined && podsElsewhere(workload, plan) > 0;
  });
  if (holding.length > 0)
    findings.push(
      note(
        'WORKLOAD_WAIVED',
        'Workloads keep the old proxy because the config waives them. The old istiod is not removed while their pods live.',
        'Replace their pods before stage 8, and take the waiver out.',
        holding.map(described),
      ),
    );
  return findings;
}
