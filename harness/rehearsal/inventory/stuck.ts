import type { Inventory, InventoryWorkload } from '../../../src/inventory/inventory-schema.ts';
import type { Plan } from '../../../src/model/plan.ts';
import type { WorkloadKind } from '../../../src/model/workload-kind.ts';
import type { WorkloadObject } from '../../../src/ports/objects.ts';
import { definitionOf, workloadId } from '../../../src/workloads/workloads.ts';

export interface Stuck {
  what: string;
  why: string;
  /** The config leaves it alone on purpose. */
  waived: boolean;
}

/** What would keep its old proxy whatever the upgrade does. */
export function stuckOf({ workloads, loosePods }: Inventory, { tag, waivers }: Plan): readonly Stuck[] {
  const waived = new Set(waivers.map(({ workload }) => workload));
  return [
    ...workloads.flatMap((workload): Stuck[] => {
      const what = workloadId(workload.kind, workload.namespace, workload.name);
      const why = workload.follows === tag ? whyStuck(workload) : undefined;
      return why === undefined ? [] : [{ what, why, waived: waived.has(what) }];
    }),
    ...loosePods.map(({ namespace, name }) => ({
      what: `Pod ${namespace}/${name}`,
      why: 'no workload that is restarted owns it',
      waived: false,
    })),
  ];
}

function whyStuck({ kind, strategy, pinsProxyImage, hasFixedProxy }: InventoryWorkload): string | undefined {
  if (pinsProxyImage) return 'an annotation pins the image of its proxy';
  if (hasFixedProxy) return 'its template holds the proxy itself';
  return definitionOf(kind).whyUnrestartable(objectOf(kind, strategy));
}

/** As far as strategies are read. */
export function objectOf(kind: WorkloadKind, strategy: InventoryWorkload['strategy']): WorkloadObject {
  return {
    metadata: { name: '' },
    spec: { template: { spec: { containers: [] } }, ...definitionOf(kind).withReplacement(strategy) },
  };
}
