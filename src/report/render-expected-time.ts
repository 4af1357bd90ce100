import { expectedTime, unprovenTime } from '../model/expected-time.ts';
import { type Plan, strategyOf } from '../model/plan.ts';

/** `at least 28 min for one gateway, 2 waves and the soak, plus the rollouts; …`, without a full stop. */
export function renderExpectedTime(plan: Plan): string {
  const { leastMs, mostMs } = expectedTime(plan);
  const some = (count: number, what: string) => (count === 1 ? `one ${what}` : `${count} ${what}s`);
  const gateways = plan.gateways.length === 0 ? '' : `${some(plan.gateways.length, 'gateway')}, `;
  return `at least ${minutes(leastMs)} for ${gateways}${some(plan.waves.length, 'wave')} and the soak, plus the rollouts; the plan gives up after ${minutes(mostMs)} at most`;
}

/** What a restart that is not planned gets before the canary is judged, and for how long, as a sentence. */
export function renderUnprovenTime(plan: Plan): string {
  const { leastMs, mostMs } = unprovenTime(plan);
  const { from, to, tag, waves } = plan;
  if (strategyOf(plan) === 'canary-first') {
    const canary = waves[0]?.namespaces.join(', ') ?? '';
    return `From the label to the verdict on the canary (at least ${minutes(leastMs)}, at most ${minutes(mostMs)}), a pod of tag ${tag} that is created for another reason (a deployment, an eviction, a scale-up) gets the proxy of ${to} in ${canary} only; everywhere else it gets that of ${from} until stage 3, and from then on that of ${to}, which the canary has proven.`;
  }
  return `From stage 3 to the verdict on the canary (at least ${minutes(leastMs)}, at most ${minutes(mostMs)}), a pod of tag ${plan.tag} that is created for another reason (a deployment, an eviction, a scale-up) gets the proxy of ${plan.to}, in every wave.`;
}

function minutes(ms: number): string {
  const all = Math.max(1, Math.round(ms / 60_000));
  return all < 120 ? `${all} min` : `${Math.floor(all / 60)} h ${all % 60} min`;
}
