import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import type { Revision } from '../../model/revision.ts';
import { messageOf } from '../../model/upgrade-error.ts';
import type { Reference, Usage, World } from '../../model/world.ts';
import type { Installer } from '../../ports/installer.ts';
import { CustomResourceDefinitions, Pods } from '../../ports/kinds.ts';
import type { Cluster, Kind } from '../../ports/kubernetes.ts';
import type { MeshTool } from '../../ports/mesh-tool.ts';
import { revisionLabel } from './control-planes.ts';
import { revisionOfPod } from './pod-facts.ts';
import { livePods } from './workloads.ts';

interface CustomResourceDefinition extends KubernetesObject {
  spec: {
    group: string;
    names: { plural: string; kind: string };
    scope: string;
    versions: { name: string; served: boolean }[];
  };
}

/**
 * Everything that refers to a revision, by consistent reads: the union of what all public tools check.
 * A read that fails is recorded as unknown; unknown means in use.
 */
export async function observeUsage(
  ports: { cluster: Cluster; installer: Installer; meshTool: MeshTool },
  revision: Revision,
  world: Pick<World, 'tags' | 'namespaces' | 'workloads' | 'controlPlanes'>,
): Promise<Usage> {
  const unknown: string[] = [];
  const attempt = async <T>(what: string, look: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await look();
    } catch (failure) {
      unknown.push(`${what}: ${messageOf(failure)}`);
      return otherwise;
    }
  };
  const installed = world.controlPlanes.get(revision)?.deployment !== undefined;
  const [pods, configurations, proxies, removal] = await Promise.all([
    attempt('pods', () => ports.cluster.listMetadata(Pods, { fieldSelector: livePods, fresh: true }), []),
    attempt('configuration', () => configurationsOf(ports.cluster, revision), []),
    installed ? attempt('connected proxies', () => ports.meshTool.connectedProxies(revision), []) : [],
    installed ? attempt('what uninstall would remove', () => ports.installer.previewRemoval(revision), []) : [],
  ]);
  const live = new Set(pods.map(({ metadata }) => `${metadata.name}.${metadata.namespace ?? ''}`));
  const references: Reference[] = [
    ...tagsAt(world, revision),
    ...labelsAt(world, revision),
    ...pods
      .filter((pod) => revisionOfPod(pod) === revision)
      .map(({ metadata }): Reference => ({ what: 'live pod', name: `${metadata.namespace ?? ''}/${metadata.name}` })),
    ...configurations.map((name): Reference => ({ what: 'configuration', name })),
    // istioctl's own client counts as a proxy for half a minute; an id without a pod is not a proxy.
    ...proxies.filter((id) => live.has(id)).map((id): Reference => ({ what: 'connected proxy', name: id })),
  ];
  return { references, unknown, removal };
}

function tagsAt({ tags }: Pick<World, 'tags'>, revision: Revision): Reference[] {
  return [...tags].flatMap(([tag, objects]) =>
    objects
      .filter((object) => object.revision?.split('+').includes(revision) === true)
      .map(({ kind, name }): Reference => ({ what: 'tag', name: `${tag} (${kind} ${name})` })),
  );
}

function labelsAt(
  { tags, namespaces, workloads }: Pick<World, 'tags' | 'namespaces' | 'workloads'>,
  revision: Revision,
): Reference[] {
  // An istiod that was installed without a revision has the name of the tag "default". What is labelled with it follows the tag.
  if (tags.get(revision)?.some(({ kind }) => kind === 'webhook')) return [];
  const labelled = [...namespaces.values()].filter(({ labels }) => labels[revisionLabel] === revision);
  // The template of istiod names its own revision, which is not a use of it.
  const templates = workloads.filter(
    ({ template }) => template.labels[revisionLabel] === revision && template.labels['app'] !== 'istiod',
  );
  return [
    ...labelled.map(({ name }): Reference => ({ what: 'namespace label', name })),
    ...templates.map(({ id, isGateway }): Reference => ({ what: isGateway ? 'gateway' : 'pod label', name: id })),
  ];
}

/** Istio's and the Gateway API's configuration with `istio.io/rev: REVISION`: only that istiod reads it (istio/istio#44047). */
async function configurationsOf(cluster: Cluster, revision: Revision): Promise<string[]> {
  const definitions = await cluster.list<CustomResourceDefinition>(CustomResourceDefinitions, { fresh: true });
  const kinds = definitions
    .filter(({ spec }) => spec.group.endsWith('.istio.io') || spec.group === 'gateway.networking.k8s.io')
    .flatMap(({ spec }): Kind[] => {
      const version = spec.versions.find(({ served }) => served)?.name;
      return version === undefined
        ? []
        : [
            {
              apiVersion: `${spec.group}/${version}`,
              kind: spec.names.kind,
              plural: spec.names.plural,
              namespaced: spec.scope === 'Namespaced',
            },
          ];
    });
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      const objects = await cluster.listMetadata(kind, { labelSelector: `${revisionLabel}=${revision}`, fresh: true });
      return objects.map(
        ({ metadata }) =>
          `${kind.kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`,
      );
    }),
  );
  return lists.flat();
}
