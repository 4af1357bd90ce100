import type { Inventory, InventoryWorkload } from '../inventory/inventory-schema.ts';

/** A namespace that a wave may hold. */
export interface Candidate {
  namespace: string;
  /** Without gateways. */
  workloads: readonly InventoryWorkload[];
  /** With a sidecar. */
  pods: number;
  /** Requests a second; `undefined` if the traffic is not known. */
  rate: number | undefined;
  /** Requests a second that fail. */
  failing: number;
  /** Why it should not be the canary. */
  critical?: string;
}

/**
 * Namespaces with workloads that follow a tag, by name.
 * @param critical namespaces that a person calls critical, each with why
 */
export function candidatesOf(
  { workloads }: Pick<Inventory, 'workloads'>,
  tag: string,
  critical: ReadonlyMap<string, string> = new Map(),
): readonly Candidate[] {
  const followers = workloads.filter(({ follows, isGateway }) => follows === tag && !isGateway);
  const usual = median(followers.map(({ priority = 0 }) => priority));
  return [...Map.groupBy(followers, ({ namespace }) => namespace)]
    .map(([namespace, own]): Candidate => {
      const important = own.find(({ priority = 0 }) => priority > Math.max(0, usual));
      const why =
        critical.get(namespace) ??
        (important && `${important.kind} ${important.name} has priority ${important.priority}`);
      const traffic = own.flatMap((workload) => workload.traffic ?? []);
      return {
        namespace,
        workloads: own,
        pods: sum(own.map(({ pods }) => sum(Object.values(pods)) - (pods['none'] ?? 0))),
        rate: traffic.length === 0 ? undefined : sum(traffic.map(({ rps }) => rps)),
        failing: sum(traffic.map(({ rps, errorRatio }) => rps * errorRatio)),
        ...(why !== undefined && { critical: why }),
      };
    })
    .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
}

/** Of the gateways that stage 4 restarts, `namespace/name`. */
export const gatewaysOf = ({ workloads }: Pick<Inventory, 'workloads'>, tag: string): readonly string[] =>
  workloads
    .filter(({ isGateway, follows }) => isGateway && follows === tag)
    .map(({ namespace, name }) => `${namespace}/${name}`)
    .sort();

export const rateOf = (candidates: readonly Candidate[]): number => sum(candidates.map(({ rate = 0 }) => rate));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
