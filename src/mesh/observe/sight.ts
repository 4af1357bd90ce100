import { answerOf } from '../../gate/answer-of.ts';
import { answered } from '../../gate/asking.ts';
import { sightOf } from '../../gate/sight/sight.ts';
import type { Plan } from '../../model/plan.ts';
import type { Sight } from '../../model/sight.ts';
import { UpgradeError } from '../../model/upgrade-error.ts';
import type { World } from '../../model/world.ts';
import type { Metrics } from '../../ports/prometheus.ts';

/** What the gate would see of each wave, by the pods that it will restart. That Prometheus cannot say it is an answer as well. */
export async function observeSight(
  metrics: Metrics,
  { workloads, now }: Pick<World, 'workloads' | 'now'>,
  { waves, gate, waivers }: Plan,
): Promise<Sight> {
  const waived = new Set(waivers.map(({ workload }) => workload));
  const pods = new Map<string, string[]>();
  for (const { namespace, id, rollout, podNames } of workloads) {
    // A pod that has just been created, or never started, has not been scraped.
    if (waived.has(id) || !rollout.complete) continue;
    const names = [...podNames].flatMap(([revision, each]) => (revision === 'none' ? [] : each));
    pods.set(namespace, [...(pods.get(namespace) ?? []), ...names]);
  }
  try {
    const asking = sightOf({ waves, pods, settings: gate, now });
    return { waves: await answered(asking, (question) => answerOf(metrics, question)) };
  } catch (failure) {
    if (failure instanceof UpgradeError) return { unknown: failure.message };
    throw failure;
  }
}
