import { defineFinding } from '../model/finding.ts';
import type { World } from '../model/world.ts';
import { defineCheck, type FindingOf } from './define-check.ts';

const WorkloadUnhealthy = defineFinding({
  code: 'WORKLOAD_UNHEALTHY',
  severity: 'warns',
  title: 'A workload of the mesh is not healthy before the upgrade.',
  cause: 'It has fewer ready pods than it wants, while every pod still runs the old proxy.',
  fix: 'Repair it, or waive it. Otherwise it restarts with its wave; what is no worse than now does not count against the release, but the old istiod stays as long as one of its pods uses it.',
  blames: 'workload',
});

const finds = [WorkloadUnhealthy] as const;
type Found = FindingOf<typeof finds>;

export const health = defineCheck({ looksAt: ['unhealthy', 'marks', 'now'], finds, find: checkHealth });

const waivedForMs = 30 * 24 * 3_600_000;

/** What is not healthy now; once a wave has begun, the journal knows how it was before. */
export function checkHealth({ unhealthy, marks, now }: Pick<World, 'unhealthy' | 'marks' | 'now'>): readonly Found[] {
  if (unhealthy.length === 0 || Object.keys(marks.waves).length > 0) return [];
  const until = new Date(now + waivedForMs).toISOString().slice(0, 10);
  const [first] = unhealthy;
  return [
    WorkloadUnhealthy.of(
      `${unhealthy.length === 1 ? 'A workload is' : `${unhealthy.length} workloads are`} not healthy before the upgrade.`,
      unhealthy.map(
        ({ workload, desired, ready, why }) => `${workload}: ${ready} of ${desired} ready${why && `: ${why}`}`,
      ),
      `Repair them, or waive each in the config: waivers: [{ workload: ${first?.workload}, reason: not healthy before the upgrade, until: ${until} }]`,
    ),
  ];
}
