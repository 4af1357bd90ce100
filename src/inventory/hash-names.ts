import { createHash } from 'node:crypto';
import type { Inventory } from './inventory-schema.ts';

const systemNamespace = /^(?:kube-.*|default)$/;

/**
 * The same inventory with hashes for the names that people gave: of namespaces, workloads, pods and gateways. Within one
 * inventory a name always has the same hash; another inventory, with another salt, says nothing about it. Names of
 * revisions, tags and webhooks stay, and so do Kubernetes' own namespaces and Istio's.
 */
export function hashNames(inventory: Inventory, salt: string): Inventory {
  const hashed = (prefix: string, name: string): string =>
    `${prefix}-${createHash('sha256').update(`${salt}\0${prefix}\0${name}`).digest('hex').slice(0, 12)}`;
  const space = (name: string) =>
    name === inventory.istioNamespace || systemNamespace.test(name) ? name : hashed('namespace', name);
  const workload = (name: string) => hashed('workload', name);
  const gateway = (name: string) => hashed('gateway', name);
  return {
    ...inventory,
    namesHashed: true,
    namespaces: inventory.namespaces.map((each) => ({ ...each, name: space(each.name) })),
    workloads: inventory.workloads.map((each) => ({
      ...each,
      namespace: space(each.namespace),
      name: workload(each.name),
      gateway: each.gateway === null ? null : gateway(each.gateway),
    })),
    loosePods: inventory.loosePods.map((each) => ({
      ...each,
      namespace: space(each.namespace),
      name: hashed('pod', each.name),
    })),
    gateways: inventory.gateways.map((each) => ({ namespace: space(each.namespace), name: gateway(each.name) })),
    disruptionBudgets: inventory.disruptionBudgets.map((each) => ({
      ...each,
      namespace: space(each.namespace),
      workloads: each.workloads.map(workload),
    })),
    autoscalers: inventory.autoscalers.map((each) => ({
      ...each,
      namespace: space(each.namespace),
      workload: workload(each.workload),
    })),
  };
}
