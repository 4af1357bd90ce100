import type { Plan, Wave } from '../model/plan.ts';
import type { Workload } from '../model/world.ts';

/** The gateways of stage 4 as a wave: it is judged by the calls that it makes, since all traffic from outside enters there. */
export const gatewayWaveName = 'gateways';

/** @returns none if the plan has no gateway */
export function gatewayWave({ gateways }: Pick<Plan, 'gateways'>): readonly Wave[] {
  const namespaces = [...new Set(gateways.map((name) => name.slice(0, name.indexOf('/'))))].sort();
  return namespaces.length === 0 ? [] : [{ name: gatewayWaveName, namespaces }];
}

/** All that is watched, gateways first. */
export const watchedWaves = (plan: Pick<Plan, 'gateways' | 'waves'>): readonly Wave[] => [
  ...gatewayWave(plan),
  ...plan.waves,
];

export function isPlannedGateway(
  { namespace, name, isGateway }: Pick<Workload, 'namespace' | 'name' | 'isGateway'>,
  { gateways }: Pick<Plan, 'gateways'>,
): boolean {
  return isGateway && gateways.includes(`${namespace}/${name}`);
}
