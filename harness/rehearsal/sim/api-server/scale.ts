import type { LabelSelector } from '../../../../src/model/kubernetes-object.ts';
import type { Target } from '../../../../src/ports/kubernetes.ts';
import type { WorkloadObject } from '../../../../src/ports/objects.ts';
import { isMap, type JsonMap } from './json.ts';
import type { Registry, WriteOptions } from './registry.ts';
import type { Resource } from './resources.ts';
import { badRequest } from './status-failure.ts';

/** The `scale` view of a workload. */
export function readScale(registry: Registry, resource: Resource, { name, namespace }: Target): object {
  return scaleOf(registry.get<WorkloadObject>(resource, name, namespace));
}

export function writeScale(
  registry: Registry,
  resource: Resource,
  target: Target,
  body: JsonMap,
  options: WriteOptions,
): object {
  const { resourceVersion } = isMap(body['metadata']) ? body['metadata'] : {};
  const replicas = isMap(body['spec']) ? body['spec']['replicas'] : undefined;
  if (typeof replicas !== 'number') throw badRequest('spec.replicas is required');
  return scaleOf(
    registry.patch<WorkloadObject>(
      resource,
      target,
      { type: 'merge', body: { metadata: resourceVersion ? { resourceVersion } : {}, spec: { replicas } } },
      options,
    ),
  );
}

function scaleOf({ metadata, spec, status }: WorkloadObject): object {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    // Zero is not said.
    spec: spec.replicas === 0 ? {} : { replicas: spec.replicas ?? 1 },
    status: { replicas: status?.replicas ?? 0, selector: selectorText(spec.selector) },
  };
}

function selectorText(selector: LabelSelector | undefined): string {
  return Object.entries(selector?.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}
