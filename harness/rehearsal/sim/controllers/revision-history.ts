import type { WorkloadObject } from '../../../../src/ports/objects.ts';
import type { Registry } from '../api-server/registry.ts';
import { ControllerRevisions } from './kinds.ts';
import { controllerReference } from './pods.ts';
import { templateHash } from './template-hash.ts';

export const RevisionLabel = 'controller-revision-hash';

/** Keeps the template of a StatefulSet or DaemonSet under its hash, so that an older one can still be created. */
export function rememberTemplate(registry: Registry, workload: WorkloadObject): string {
  const hash = templateHash(workload.spec.template);
  const name = `${workload.metadata.name}-${hash}`;
  const namespace = workload.metadata.namespace ?? '';
  if (!registry.store.get(ControllerRevisions, name, namespace)) {
    registry.create(ControllerRevisions, {
      metadata: {
        name,
        namespace,
        labels: { ...workload.spec.template.metadata?.labels, [RevisionLabel]: hash },
        ownerReferences: [controllerReference(workload)],
      },
      data: { spec: { template: workload.spec.template } },
    } as RememberedTemplate);
  }
  return hash;
}

export function recallTemplate(
  registry: Registry,
  workload: WorkloadObject,
  hash: string,
): WorkloadObject['spec']['template'] {
  const { name, namespace } = workload.metadata;
  return registry.get<RememberedTemplate>(ControllerRevisions, `${name}-${hash}`, namespace).data.spec.template;
}

interface RememberedTemplate {
  metadata: WorkloadObject['metadata'];
  data: { spec: { template: WorkloadObject['spec']['template'] } };
}
