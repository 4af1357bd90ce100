import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import type { Plan } from '../../model/plan.ts';
import type { Revision } from '../../model/revision.ts';
import type { Reference, References, Usage, World } from '../../model/world.ts';
import type { Installer } from '../../ports/installer.ts';
import { CustomResourceDefinitions, Pods } from '../../ports/kinds.ts';
import type { Cluster, Kind } from '../../ports/kubernetes.ts';
import type { MeshTool } from '../../ports/mesh-tool.ts';
import { removalOf } from '../own-install.ts';
import { describeUpgrade, isNameOfTag, labelsAt, needs, tagsAt } from '../references.ts';
import { attempting } from './attempt.ts';
import { revisionLabel } from './control-planes.ts';
import { podNames } from './dependents.ts';
import { observeOtherUpgrades } from './other-upgrades.ts';
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

type Mesh = Pick<Plan, 'tag' | 'istioNamespace'>;
type Seen = Pick<World, 'tags' | 'namespaces' | 'workloads' | 'controlPlanes'>;

/** Everything that refers to the old revision, and what its removal would take with it. */
export async function observeUsage(
  ports: { cluster: Cluster; installer: Installer; meshTool: MeshTool },
  plan: Mesh & Pick<Plan, 'from' | 'versions' | 'releases'>,
  world: Seen,
): Promise<Usage> {
  const { from } = plan;
  const isInstalled = world.controlPlanes.get(from)?.deployment !== undefined;
  const { unknown, attempt } = attempting();
  const [found, removal] = await Promise.all([
    observeReferences(ports, from, plan, world, isInstalled),
    isInstalled
      ? attempt('what uninstall would remove', () => ports.installer.previewRemoval(removalOf(plan)), [])
      : [],
  ]);
  return { references: found.references, unknown: [...found.unknown, ...unknown], removal };
}

/**
 * Everything that refers to a revision, by consistent reads: the union of what all public tools check.
 * A read that fails is recorded as unknown; unknown means in use.
 * @param mayServe whether a proxy can be connected to its istiod
 */
export async function observeReferences(
  { cluster, meshTool }: { cluster: Cluster; meshTool: MeshTool },
  revision: Revision,
  mesh: Mesh,
  world: Seen,
  mayServe: boolean,
): Promise<References> {
  const { unknown, attempt } = attempting();
  const [pods, configurations, upgrades, proxies] = await Promise.all([
    attempt('pods', () => cluster.listMetadata(Pods, { fieldSelector: livePods, fresh: true }), []),
    attempt('configuration', () => configurationsOf(cluster, revision, world), []),
    attempt('upgrades of other tags', () => observeOtherUpgrades(cluster, mesh), []),
    mayServe ? attempt('connected proxies', () => meshTool.connectedProxies(revision), []) : [],
  ]);
  const hasPod = podNames(pods);
  const references: Reference[] = [
    ...tagsAt(world, revision),
    ...labelsAt(world, revision),
    ...pods
      .filter((pod) => revisionOfPod(pod) === revision)
      .map(({ metadata }): Reference => ({ what: 'live pod', name: `${metadata.namespace ?? ''}/${metadata.name}` })),
    ...configurations.map((name): Reference => ({ what: 'configuration', name })),
    ...proxies.map((id): Reference => ({ what: hasPod.has(id) ? 'connected proxy' : 'proxy without a pod', name: id })),
    ...upgrades
      .filter((upgrade) => needs(upgrade, revision))
      .map((upgrade): Reference => ({ what: 'unfinished upgrade', name: describeUpgrade(upgrade) })),
  ];
  return { references, unknown };
}

const gatewayApi = 'gateway.networking.k8s.io';

/** Of all configuration istiod reads only these by the name of a tag too (`tagWatcher.IsMine`); on others it matches no istiod with a revision. */
const followsTags = ({ group, names }: CustomResourceDefinition['spec']): boolean =>
  group === gatewayApi && (names.kind === 'Gateway' || names.kind === 'ListenerSet');

/** Istio's and the Gateway API's configuration with `istio.io/rev: REVISION`: only that istiod reads it (istio/istio#44047). */
async function configurationsOf(cluster: Cluster, revision: Revision, world: Pick<World, 'tags'>): Promise<string[]> {
  const definitions = await cluster.list<CustomResourceDefinition>(CustomResourceDefinitions, { fresh: true });
  const kinds = definitions
    .filter(({ spec }) => spec.group.endsWith('.istio.io') || spec.group === gatewayApi)
    .filter(({ spec }) => !(followsTags(spec) && isNameOfTag(world, revision)))
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
