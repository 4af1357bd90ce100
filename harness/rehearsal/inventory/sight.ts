import type { Inventory } from '../../../src/inventory/inventory-schema.ts';
import type { Plan } from '../../../src/model/plan.ts';

export interface Sight {
  wave: string;
  /** Requests that its pods serve in one bake, by the traffic of the inventory. */
  requests: number;
  enough: boolean;
  /** Namespaces of it in which nothing is served: a fault there cannot be seen. */
  silent: readonly string[];
}

/** What the gate could see of each wave; empty when the inventory knows no traffic. */
export function sightOf({ workloads }: Inventory, { waves, gate, tag }: Plan): readonly Sight[] {
  if (workloads.every(({ traffic }) => traffic === null)) return [];
  return waves.map(({ name, namespaces }) => {
    const served = namespaces.map((namespace) => ({
      namespace,
      rps: workloads
        .filter((each) => each.namespace === namespace && each.follows === tag)
        .reduce((sum, { traffic }) => sum + (traffic?.rps ?? 0), 0),
    }));
    const rps = served.reduce((sum, each) => sum + each.rps, 0);
    const requests = Math.floor((rps * gate.bakeMs) / 1000);
    return {
      wave: name,
      requests,
      enough: requests >= gate.minRequests,
      silent: served.filter((each) => each.rps === 0).map(({ namespace }) => namespace),
    };
  });
}
