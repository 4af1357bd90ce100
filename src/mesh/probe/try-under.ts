import type { Revision } from '../../model/revision.ts';
import type { World } from '../../model/world.ts';
import type { Cluster } from '../../ports/kubernetes.ts';
import type { Pod } from '../../ports/objects.ts';
import { isDeclined, selectionOf } from '../injection.ts';
import { revisionOfPod } from '../observe/pod-facts.ts';
import { type Tried, tryPod } from './try-pod.ts';
import { withSidecarOf } from './with-sidecar-of.ts';

type Mesh = Pick<World, 'webhooks' | 'namespaces'> & { istioNamespace: string };

const revLabel = 'istio.io/rev';
const injectLabel = 'sidecar.istio.io/inject';

/** Namespaces in which a sidecar is asked for, one after the other. */
const placesMax = 3;

/**
 * Tries a pod with the sidecar of one revision, wherever the tag points. The label of a pod chooses the revision only where its
 * namespace has no label for injection. Elsewhere the sidecar comes from a dry run in a namespace without such a label, and the pod
 * that has it already is tried in its own namespace, where no injector is called for it: all other admission runs there.
 * @param readMembers the live pods of the workload
 */
export async function tryUnder(
  cluster: Cluster,
  pod: Pod,
  revision: Revision,
  mesh: Mesh,
  readMembers: () => Promise<readonly Pod[]>,
): Promise<Tried> {
  const home = pod.metadata.namespace ?? '';
  if (picks(mesh, home, pod, revision)) return injectedBy(revision, await tryPod(cluster, labelled(pod, revision)));
  const places = placesFor(pod, revision, mesh);
  if (places.length === 0) return await tryUnchosen(cluster, pod, revision, mesh, readMembers);
  let last: Tried = { answer: { unknown: '' } };
  for (const place of places) {
    const borrowed = await tryPod(cluster, inPlace(labelled(pod, revision), place));
    last = injectedBy(revision, borrowed);
    if (borrowed.pod !== undefined && 'revision' in last.answer) {
      const tried = await tryPod(cluster, atHome(borrowed.pod, pod));
      return injectedBy(revision, tried);
    }
    if ('refused' in last.answer && last.answer.by === 'injector') return last;
  }
  if (!('refused' in last.answer)) return last;
  // A policy about the whole cluster refuses it there as well: the pod as it is is asked, if the tag gives it this sidecar.
  if (isInjectedBy(revision, pod, mesh)) return injectedBy(revision, await tryPod(cluster, pod));
  // What another namespace refuses says nothing about the pod's own.
  return { answer: { unknown: `its sidecar could not be had: ${last.answer.refused}` } };
}

/**
 * No label chooses the istiod that was installed without a revision: the name of its revision is that of the tag `default`, and its own
 * injector selects nothing as long as that tag exists. Its sidecar comes from the tag while that names it, and else from a live pod.
 */
async function tryUnchosen(
  cluster: Cluster,
  pod: Pod,
  revision: Revision,
  mesh: Mesh,
  readMembers: () => Promise<readonly Pod[]>,
): Promise<Tried> {
  if (isInjectedBy(revision, pod, mesh)) {
    const injected = await tryPod(cluster, pod);
    const tried = injectedBy(revision, injected);
    if (injected.pod === undefined || !('revision' in tried.answer)) return tried;
    return injectedBy(revision, await tryPod(cluster, atHome(injected.pod, pod)));
  }
  const donor = (await readMembers()).find((member) => revisionOfPod(member) === revision);
  if (donor === undefined)
    return {
      answer: {
        unknown: `no label of a pod chooses revision ${revision}, and no pod with its sidecar is left to take it from`,
      },
    };
  return injectedBy(revision, await tryPod(cluster, withSidecarOf(donor, pod)));
}

function isInjectedBy(revision: Revision, { metadata }: Pod, { webhooks, namespaces }: Mesh): boolean {
  const labels = namespaces.get(metadata.namespace ?? '')?.labels ?? {};
  return selectionOf(webhooks, labels, metadata.labels ?? {})?.revision === revision;
}

/** Where a pod that names the revision by its label is injected by it, and by nothing else. */
function picks({ webhooks, namespaces }: Mesh, place: string, pod: Pod, revision: Revision): boolean {
  const { labels = {}, annotations = {} } = pod.metadata;
  const asked = { ...labels, [revLabel]: revision };
  const { hostNetwork = false } = pod.spec;
  if (isDeclined(place, { labels: asked, annotations, hostNetwork })) return false;
  const selection = selectionOf(webhooks, namespaces.get(place)?.labels ?? {}, asked);
  return selection?.tag === undefined && selection?.revision === revision && selection.configurations.length === 1;
}

/** The namespace of istiod first: it is there in every mesh, and seldom under a policy. */
function placesFor(pod: Pod, revision: Revision, mesh: Mesh): readonly string[] {
  const free = [...mesh.namespaces.values()]
    .filter(({ name, terminating }) => !terminating && picks(mesh, name, pod, revision))
    .map(({ name }) => name);
  return [mesh.istioNamespace, 'default', ...free]
    .filter((name, index, all) => free.includes(name) && all.indexOf(name) === index)
    .slice(0, placesMax);
}

const labelled = (pod: Pod, revision: Revision): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [revLabel]: revision } },
});

/** Its service account is not there. */
function inPlace(pod: Pod, namespace: string): Pod {
  const { serviceAccountName: _name, serviceAccount: _older, ...spec } = pod.spec;
  return {
    ...pod,
    metadata: { ...pod.metadata, namespace },
    spec: { ...spec, automountServiceAccountToken: false },
  };
}

/** The injected pod back in the namespace of the original, with the account and labels of the original, and left alone by injectors. */
export function atHome({ metadata, spec }: Pod, original: Pod): Pod {
  const { [revLabel]: _asked, ...labels } = metadata.labels ?? {};
  const own = original.metadata.labels?.[revLabel];
  const {
    serviceAccountName: _name,
    serviceAccount: _older,
    automountServiceAccountToken: _mount,
    imagePullSecrets: _secrets,
    nodeName: _node,
    ...kept
  } = spec;
  const { serviceAccountName, serviceAccount, automountServiceAccountToken, imagePullSecrets } = original.spec;
  return {
    ...original,
    metadata: {
      ...original.metadata,
      labels: { ...labels, ...(own === undefined ? {} : { [revLabel]: own }), [injectLabel]: 'false' },
      annotations: metadata.annotations ?? {},
    },
    spec: {
      ...kept,
      ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
      ...(serviceAccount === undefined ? {} : { serviceAccount }),
      ...(automountServiceAccountToken === undefined ? {} : { automountServiceAccountToken }),
      ...(imagePullSecrets === undefined ? {} : { imagePullSecrets }),
    },
  };
}

export function injectedBy(revision: Revision, tried: Tried): Tried {
  const { answer } = tried;
  if (!('revision' in answer) || answer.revision === revision) return tried;
  return { answer: { unknown: `a pod that asks for the sidecar of ${revision} gets that of ${answer.revision}` } };
}
