import type { Configuration } from '../../model/configuration.ts';
import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import type { Revision } from '../../model/revision.ts';
import { defineError, messageOf } from '../../model/upgrade-error.ts';
import type { Values } from '../../model/values.ts';
import { isForbidden } from '../../ports/is-forbidden.ts';
import { Autoscalers, ConfigMaps, Deployments, DisruptionBudgets, NetworkPolicies } from '../../ports/kinds.ts';
import type { Cluster, Kind } from '../../ports/kubernetes.ts';
import type { ConfigMap, WorkloadObject } from '../../ports/objects.ts';
import { configurationNames, configurationOf, givenValues } from '../configuration.ts';

export const ConfigurationUnreadable = defineError({
  code: 'CONFIGURATION_UNREADABLE',
  title: 'The configuration of an istiod cannot be read.',
  cause: 'A ConfigMap of the revision holds something else than YAML: it was edited, or written by another tool.',
  message: (revision: string, reason: string) => `The configuration of revision ${revision} cannot be read: ${reason}.`,
  hint: 'Correct the ConfigMap that the message names, or install that revision again.',
  actor: 'mesh operator',
  state: 'Nothing was changed by this.',
  exit: 'blocked',
  blames: 'surroundings',
});

/** As it is in the cluster; `undefined` without its istiod. @throws CONFIGURATION_UNREADABLE */
export async function observeConfiguration(
  cluster: Cluster,
  revision: Revision,
  istioNamespace: string,
): Promise<Configuration | undefined> {
  const { istiod, values, mesh, injector } = configurationNames(revision);
  const deployments = await cluster.list<WorkloadObject>(Deployments);
  const deployment = deployments.find(
    ({ metadata }) => metadata.namespace === istioNamespace && metadata.name === istiod,
  );
  if (deployment === undefined) return undefined;
  const found = await Promise.all(
    [values, mesh, injector].map((name) => cluster.get<ConfigMap>(ConfigMaps, name, istioNamespace)),
  );
  const configMaps = found.flatMap((object) => (object === undefined ? [] : { ...object, kind: ConfigMaps.kind }));
  const around = await Promise.all(
    [Autoscalers, DisruptionBudgets, NetworkPolicies].map((kind) => listIfAllowed(cluster, kind, istioNamespace)),
  );
  const unread = around.flatMap(({ kind, objects }) => (objects === undefined ? [kind] : []));
  const besides = around.flatMap(({ kind, objects = [] }) => objects.map((object) => ({ ...object, kind })));
  return reading(revision, () =>
    configurationOf([{ ...deployment, kind: Deployments.kind }, ...configMaps, ...besides], revision, unread),
  );
}

/** Without this right the check goes on, and says what it did not look at. */
async function listIfAllowed(
  cluster: Cluster,
  kind: Kind,
  namespace: string,
): Promise<{ kind: string; objects?: readonly KubernetesObject[] }> {
  try {
    return { kind: kind.kind, objects: await cluster.list<KubernetesObject>(kind, { namespace }) };
  } catch (failure) {
    if (isForbidden(failure)) return { kind: kind.kind };
    throw failure;
  }
}

/** What the installer of a revision was given; `undefined` when the cluster does not say. @throws CONFIGURATION_UNREADABLE */
export async function observeGiven(
  cluster: Cluster,
  revision: Revision,
  istioNamespace: string,
): Promise<Values | undefined> {
  const values = await cluster.get<ConfigMap>(ConfigMaps, configurationNames(revision).values, istioNamespace);
  return reading(revision, () => givenValues(values));
}

function reading<T>(revision: Revision, read: () => T): T {
  try {
    return read();
  } catch (failure) {
    throw ConfigurationUnreadable.because(failure, revision, messageOf(failure));
  }
}
