import { revisionOfPod } from '../../../src/mesh/observe/pod-facts.ts';
import { revisionOfService } from '../../../src/model/revision.ts';
import {
  DaemonSets,
  Deployments,
  MutatingWebhooks,
  Namespaces,
  Services,
  StatefulSets,
  ValidatingWebhooks,
} from '../../../src/ports/kinds.ts';
import type { Pod, Service, WebhookConfiguration, WorkloadObject } from '../../../src/ports/objects.ts';
import { seenPod, tagOf } from '../../rehearsal/backends/seen.ts';
import type { Sim } from '../../rehearsal/sim/create-sim.ts';
import type { Task } from './task.ts';

/** What is true of the mesh, read from the store itself: no contender's way of looking is used. */

export const workloadKinds = { Deployment: Deployments, StatefulSet: StatefulSets, DaemonSet: DaemonSets } as const;

/** What a change of the restart annotation stands for, whichever program makes it. */
export const restartedAt = (object: WorkloadObject | undefined): string | undefined =>
  object?.spec.template.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt'];

/** Application namespaces and the gateways' are in the plan; istiod's namespace is the control plane's. */
export function plannedNamespaces(task: Task): ReadonlySet<string> {
  return new Set([
    ...task.waves.flatMap(({ namespaces }) => namespaces),
    ...task.gateways.map((gateway) => gateway.split('/')[0] ?? ''),
  ]);
}

/** Pods with a sidecar that are neither finished nor on their way out. */
export function livePods(sim: Sim): Pod[] {
  return sim
    .pods()
    .filter(
      (pod) =>
        pod.metadata.deletionTimestamp === undefined &&
        pod.status?.phase !== 'Succeeded' &&
        pod.status?.phase !== 'Failed' &&
        revisionIn(pod) !== 'none',
    );
}

export function revisionIn(pod: Pod): string {
  return pod.metadata.labels?.['app'] === 'istiod' ? 'none' : revisionOfPod(pod);
}

/** How many live mesh pods run each revision. */
export function podsByRevision(sim: Sim): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const pod of livePods(sim)) {
    const revision = revisionIn(pod);
    counts[revision] = (counts[revision] ?? 0) + 1;
  }
  return counts;
}

/** Live mesh pods by namespace, revision and readiness. */
export function podsByNamespace(sim: Sim): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const pod of livePods(sim)) {
    const { namespace, revision, ready } = seenPod(pod);
    const row = counts[namespace] ?? {};
    counts[namespace] = row;
    const key = ready ? revision : `${revision}, not ready`;
    row[key] = (row[key] ?? 0) + 1;
  }
  return counts;
}

/** What each object of the tag points at. */
export function tagObjects(sim: Sim): Record<string, string> {
  return tagOf(
    sim.store.list<WebhookConfiguration>(MutatingWebhooks),
    sim.store.list<WebhookConfiguration>(ValidatingWebhooks),
    sim.store.list<Service>(Services, 'istio-system'),
  );
}

/** The revision that pods of the tag are injected with now. */
export function revisionOfTagWebhook(sim: Sim, tag: string): string | undefined {
  const { webhooks = [] } = sim.store.get<WebhookConfiguration>(MutatingWebhooks, `istio-revision-tag-${tag}`) ?? {};
  return revisionOfService(webhooks[0]?.clientConfig.service?.name ?? '');
}

export function controlPlanes(sim: Sim): string[] {
  return sim.store
    .list<WorkloadObject>(Deployments, 'istio-system')
    .filter(({ metadata }) => metadata.labels?.['app'] === 'istiod')
    .map(({ metadata }) => metadata.labels?.['istio.io/rev'] ?? '?');
}

/** The tag and every live mesh pod are where they were before the upgrade. */
export function isAllBack(sim: Sim, { from }: Task): boolean {
  return (
    livePods(sim).every((pod) => revisionIn(pod) === from.revision) &&
    Object.values(tagObjects(sim)).every((revision) => revision === from.revision)
  );
}

/** Pods of the plan's namespaces that follow the tag, and have no proxy all the same, though they do not decline it. */
export function podsWithoutProxy(sim: Sim, task: Task): Pod[] {
  return [...plannedNamespaces(task)]
    .filter((name) => sim.store.get(Namespaces, name)?.metadata.labels?.['istio.io/rev'] === task.tag)
    .flatMap((name) => sim.pods(name))
    .filter(({ metadata }) => metadata.labels?.['sidecar.istio.io/inject'] !== 'false')
    .filter((pod) => pod.metadata.deletionTimestamp === undefined && revisionIn(pod) === 'none');
}
