import { type Amounts, none, resources, times } from '../../../src/checks/surge/quantity.ts';
import type { Inventory, InventoryWorkload } from '../../../src/inventory/inventory-schema.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { definitionOf } from '../../../src/workloads/workloads.ts';
import { objectOf } from './stuck.ts';

export interface Surge {
  part: string;
  /** Pods beside the old ones at the fullest moment. */
  pods: number;
  needs: Amounts;
  /** `null` when the inventory does not know the nodes. */
  fits: boolean | null;
}

/** What the gateways and each wave need beside what runs, against what the nodes have free, taken all together. */
export function surgeOf({ workloads, nodes }: Inventory, { gateways, waves, tag, pace }: Plan): readonly Surge[] {
  const following = workloads.filter(({ follows }) => follows === tag);
  const isGateway = ({ namespace, name }: InventoryWorkload) => gateways.includes(`${namespace}/${name}`);
  const parts = [
    { part: 'gateways', members: following.filter(isGateway) },
    ...waves.map(({ name, namespaces }) => ({
      part: name,
      members: following.filter((each) => namespaces.includes(each.namespace) && !isGateway(each)),
    })),
  ];
  return parts.map(({ part, members }) => {
    const asked = members.map(({ kind, strategy, replicas, requests }) => {
      const pods = definitionOf(kind).surgePods(objectOf(kind, strategy), replicas);
      return { pods, amounts: times(requests, pods) };
    });
    const most = (values: readonly number[]) =>
      values
        .toSorted((a, b) => b - a)
        .slice(0, pace.workloadsAtOnce)
        .reduce((sum, each) => sum + each, 0);
    const needs: Amounts = { ...none };
    for (const resource of resources) needs[resource] = most(asked.map(({ amounts }) => amounts[resource]));
    const fits = nodes === null ? null : resources.every((resource) => needs[resource] <= nodes.free[resource]);
    return { part, pods: most(asked.map(({ pods }) => pods)), needs, fits };
  });
}
