import type { Plan, Wave } from '../model/plan.ts';
import type { Workload } from '../model/world.ts';

/** The gateways as a wave: it is judged by the calls that it makes, since all traffic from outside enters there. */
export const gatewayWaveName = 'gateways';

type Gateways = Pick<Plan, 'gateways' | 'gatewaysOfTag'>;

/** `namespace/name` of those that stage 4 restarts, and of those that are replaced when the tag moves. */
export const watchedGateways = ({ gateways, gatewaysOfTag = [] }: Gateways): readonly string[] => [
  ...gateways,
  ...gatewaysOfTag,
];

/** @returns none if the plan has no gateway */
export function gatewayWave(plan: Gateways): readonly Wave[] {
  const namespaces = [...new Set(watchedGateways(plan).map((name) => name.slice(0, name.indexOf('/'))))].sort();
  return namespaces.length === 0 ? [] : [{ name: gatewayWaveName, namespaces }];
}

/** All that is watched, gateways first. */
export const watchedWaves = (plan: Gateways & Pick<Plan, 'waves'>): readonly Wave[] => [
  ...gatewayWave(plan),
  ...plan.waves,
];

type Named = Pick<Workload, 'namespace' | 'name' | 'isGateway'>;

export function isPlannedGateway({ namespace, name, isGateway }: Named, { gateways }: Gateways): boolean {
  return isGateway && gateways.includes(`${namespace}/${name}`);
}

/** Whether the new istiod replaces it when the tag moves. */
export const isGatewayOfTag = ({ namespace, name }: Named, { gatewaysOfTag = [] }: Gateways): boolean =>
  gatewaysOfTag.includes(`${namespace}/${name}`);

export const isWatchedGateway = (workload: Named, plan: Gateways): boolean =>
  isPlannedGateway(workload, plan) || isGatewayOfTag(workload, plan);

/** Istiod makes these Deployments for Gateways of the Gateway API. */
export const isOfGatewayApi = ({ template }: Pick<Workload, 'template'>): boolean =>
  template.labels['gateway.networking.k8s.io/gateway-name'] !== undefined;
