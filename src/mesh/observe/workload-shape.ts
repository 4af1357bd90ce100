import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import type { Container, PodTemplate, PreStop, WorkloadObject } from '../../ports/objects.ts';
import { tokenAnnotation } from '../../workloads/template-restart.ts';
import { templateHash } from './template-hash.ts';

/**
 * What is kept of a workload: how it rolls, what its pods request of a node, how they stop and what injects them.
 * Environments, volumes and kubectl's copy of the object need many times the memory. Code that needs the whole template reads it.
 * @returns a function for one watched list; workloads of the Istio namespace are kept whole
 */
export function workloadShape(istioNamespace: string): (workload: KubernetesObject) => KubernetesObject {
  return (workload) => (workload.metadata.namespace === istioNamespace ? workload : shaped(workload as WorkloadObject));
}

function shaped({ metadata, spec, status, ...object }: WorkloadObject): WorkloadObject {
  const { annotations = {}, ...slim } = metadata;
  const token = annotations[tokenAnnotation];
  // A Rollout that uses the pod template of a Deployment has no template itself.
  const { template, ...rest } = spec as Partial<WorkloadObject['spec']>;
  return {
    ...object,
    metadata: token === undefined ? slim : { ...slim, annotations: { [tokenAnnotation]: token } },
    spec: (template === undefined ? rest : { ...rest, template: shapedTemplate(template) }) as WorkloadObject['spec'],
    ...(status === undefined ? {} : { status }),
  };
}

function shapedTemplate(template: PodTemplate): PodTemplate {
  const { metadata, spec } = template;
  const { hostNetwork, containers, initContainers } = spec;
  return {
    hash: templateHash(template),
    ...(metadata === undefined ? {} : { metadata }),
    spec: {
      ...(hostNetwork === undefined ? {} : { hostNetwork }),
      containers: containers.map(shapedContainer),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(shapedContainer) }),
    },
  };
}

function shapedContainer({ name, image, resources, restartPolicy, lifecycle }: Container): Container {
  return {
    name,
    ...(image === undefined ? {} : { image }),
    ...(resources === undefined ? {} : { resources }),
    ...(restartPolicy === undefined ? {} : { restartPolicy }),
    ...(lifecycle?.preStop === undefined ? {} : { lifecycle: { preStop: shapedHook(lifecycle.preStop) } }),
  };
}

/** Which kind of hook it is, and how long it sleeps; not its command. */
function shapedHook({ sleep, exec, httpGet }: PreStop): PreStop {
  return { ...(sleep && { sleep }), ...(exec && { exec: {} }), ...(httpGet && { httpGet: {} }) };
}
