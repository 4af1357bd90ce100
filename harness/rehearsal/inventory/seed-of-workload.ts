import { podRequests } from '../../../src/checks/surge/pod-requests.ts';
import type { InventoryWorkload } from '../../../src/inventory/inventory-schema.ts';
import type { PodTemplate } from '../../../src/ports/objects.ts';
import { definitionOf } from '../../../src/workloads/workloads.ts';
import { type SeedWorkload, waiting } from '../sim/seed-mesh.ts';

/** A workload of an inventory as the simulator makes it: its own containers become one that asks for as much. */
export function seedOf(workload: InventoryWorkload, from: { version: string; revision: string }): SeedWorkload {
  const { kind, name, replicas, strategy } = workload;
  return {
    kind,
    name,
    replicas,
    spec: {
      selector: { matchLabels: { app: name } },
      // What is created paused has no pods at all; it is paused later.
      ...definitionOf(kind).withReplacement({ ...strategy, paused: undefined }),
      ...(strategy.minReadySeconds === undefined ? {} : { minReadySeconds: strategy.minReadySeconds }),
      ...(strategy.progressDeadlineSeconds === undefined
        ? {}
        : { progressDeadlineSeconds: strategy.progressDeadlineSeconds }),
    },
    template: templateOf(workload, from),
  };
}

function templateOf(
  workload: InventoryWorkload,
  { version, revision }: { version: string; revision: string },
): PodTemplate {
  const { name, labels, isGateway, hasFixedProxy, pinsProxyImage, requests, follows, waits = true } = workload;
  const proxyImage = `docker.io/istio/proxyv2:${version}`;
  const annotations = {
    ...workload.annotations,
    ...(pinsProxyImage ? { 'sidecar.istio.io/proxyImage': proxyImage } : {}),
  };
  const proxy =
    follows === null
      ? { cpu: 0, memory: 0 }
      : podRequests({ metadata: { annotations }, spec: { containers: [] } }, true);
  const resources = {
    requests: {
      cpu: String(Math.max(0, requests.cpu - proxy.cpu)),
      memory: String(Math.max(0, Math.round(requests.memory - proxy.memory))),
    },
  };
  const app = { name: 'app', image: 'registry.example/app:1', resources, ...(waits && waiting) };
  const fixed = { name: 'istio-proxy', image: proxyImage };
  // What istioctl made as a gateway is known by its labels alone: no injector has written into it.
  const made = hasFixedProxy && follows === null;
  return {
    metadata: {
      labels: {
        app: name,
        ...labels,
        ...(made ? { 'operator.istio.io/component': 'IngressGateways', 'istio.io/rev': revision } : {}),
      },
      annotations,
    },
    spec: {
      containers: isGateway
        ? [{ name: 'istio-proxy', image: 'auto' }]
        : made
          ? [fixed]
          : hasFixedProxy
            ? [app, fixed]
            : [app],
    },
  };
}
