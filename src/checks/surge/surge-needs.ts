import type { Plan } from '../../model/plan.ts';
import type { IstiodAsks } from './istiod-asks.ts';
import { type Amounts, none, plus, resources, times } from './quantity.ts';

/** What one workload requests, now and while it restarts. */
export interface Asking {
  namespace: string;
  name: string;
  /** Of one pod. */
  requests: Amounts;
  pods: number;
  /** Pods beside the old ones while it restarts; none for what this upgrade does not restart. */
  surge: number;
}

/** Less room than a part of the upgrade needs at its fullest moment. */
export interface Shortage {
  part: string;
  resource: keyof Amounts;
  needs: number;
  allocatable: number;
  /** At least: Jobs and bare pods are not counted. */
  requested: number;
}

/** What nodes can take. */
export interface Capacity {
  together: Amounts;
  /** The most that any one node has, of each resource. */
  largest: Amounts;
}

/** Less room than the new istiod needs beside all that runs, or no node that is as large as one of its pods. */
export interface IstiodShortage {
  of: 'all pods' | 'one pod';
  resource: keyof Amounts;
  needs: number;
  has: number;
  requested: number;
}

/** Before any restart: the new istiod runs beside everything else. As below, a shortage is certain, and none proves nothing. */
export function istiodShortages(
  { requests, pods }: IstiodAsks,
  workloads: readonly Asking[],
  { together, largest }: Capacity,
): readonly IstiodShortage[] {
  const requested = requestedBy(workloads);
  return resources.flatMap((resource): IstiodShortage[] => {
    const about = { resource, requested: requested[resource] };
    if (requests[resource] > largest[resource])
      return [{ ...about, of: 'one pod', needs: requests[resource], has: largest[resource] }];
    const needs = requests[resource] * pods;
    return needs <= Math.max(0, together[resource] - requested[resource])
      ? []
      : [{ ...about, of: 'all pods', needs, has: together[resource] }];
  });
}

const requestedBy = (workloads: readonly Asking[]): Amounts =>
  workloads.map(({ requests, pods }) => times(requests, pods)).reduce(plus, none);

/**
 * Where the nodes have less room, taken all together, than the surge needs. The free room may still be in pieces that
 * are too small, or on nodes that a pod may not use: no shortage here proves nothing, but a shortage here is certain.
 * @param istiod what the new istiod requests while both run; nothing when it runs already
 */
export function shortages(
  { workloads, allocatable, istiod }: { workloads: readonly Asking[]; allocatable: Amounts; istiod: Amounts },
  plan: Plan,
): readonly Shortage[] {
  const requested = requestedBy(workloads);
  return resources.flatMap((resource): Shortage[] => {
    const parts = partsOf(workloads, plan).map(({ part, members }) => {
      const surges = members.map(({ requests, surge }) => requests[resource] * surge).sort((a, b) => b - a);
      const atOnce = surges.slice(0, plan.pace.workloadsAtOnce).reduce((sum, each) => sum + each, 0);
      return { part, needs: atOnce + istiod[resource] };
    });
    const [fullest] = parts.sort((a, b) => b.needs - a.needs);
    const free = allocatable[resource] - requested[resource];
    return fullest === undefined || fullest.needs <= Math.max(0, free)
      ? []
      : [{ ...fullest, resource, allocatable: allocatable[resource], requested: requested[resource] }];
  });
}

function partsOf(workloads: readonly Asking[], { gateways, waves }: Plan) {
  const isGateway = ({ namespace, name }: Asking) => gateways.includes(`${namespace}/${name}`);
  return [
    { part: 'the gateways', members: workloads.filter(isGateway) },
    ...waves.map(({ name, namespaces }) => {
      const chosen = new Set(namespaces);
      const members = workloads.filter((each) => chosen.has(each.namespace) && !isGateway(each));
      return { part: `wave ${name}`, members };
    }),
  ];
}
