import { answerOf } from '../../gate/answer-of.ts';
import { answered } from '../../gate/asking.ts';
import { type SceneWave, sightOf } from '../../gate/sight/sight.ts';
import type { Plan } from '../../model/plan.ts';
import type { Sight } from '../../model/sight.ts';
import { UpgradeError } from '../../model/upgrade-error.ts';
import type { World } from '../../model/world.ts';
import type { Metrics } from '../../ports/prometheus.ts';
import { gatewayWave, isWatchedGateway, watchedGateways } from '../gateway-wave.ts';

/** What the gate would see of the gateways and of each wave, by the pods that will be replaced. That Prometheus cannot say it is an answer as well. */
export async function observeSight(
  metrics: Metrics,
  { workloads, now }: Pick<World, 'workloads' | 'now'>,
  plan: Plan,
): Promise<Sight> {
  try {
    const asking = sightOf({ waves: wavesOf(workloads, plan), settings: plan.gate, now });
    return { waves: await answered(asking, (question) => answerOf(metrics, question)) };
  } catch (failure) {
    if (failure instanceof UpgradeError) return { unknown: failure.message };
    throw failure;
  }
}

function wavesOf(workloads: World['workloads'], plan: Plan): readonly SceneWave[] {
  const waived = new Set(plan.waivers.map(({ workload }) => workload));
  // A pod that has just been created, or never started, has not been scraped.
  const known = [...workloads].filter(({ id, rollout }) => !waived.has(id) && rollout.complete);
  const gateways = new Set(known.filter((workload) => isWatchedGateway(workload, plan)));
  const podsOf = (namespaces: readonly string[], ofGateways: boolean) =>
    known
      .filter((workload) => namespaces.includes(workload.namespace) && gateways.has(workload) === ofGateways)
      .flatMap(({ namespace, podNames }) =>
        [...podNames].flatMap(([revision, names]) =>
          revision === 'none' ? [] : names.map((pod) => `${namespace}/${pod}`),
        ),
      );
  return [
    ...gatewayWave(plan).map((wave) => ({
      ...wave,
      pods: podsOf(wave.namespaces, true),
      only: new Set(watchedGateways(plan)),
    })),
    ...plan.waves.map((wave) => ({ ...wave, pods: podsOf(wave.namespaces, false) })),
  ];
}
