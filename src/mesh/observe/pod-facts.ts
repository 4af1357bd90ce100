import type { PartialObject } from '../../model/kubernetes-object.ts';
import type { Revision } from '../../model/revision.ts';
import { ownerOfPod } from '../../workloads/owner-of-pod.ts';
import { revisionLabel } from './control-planes.ts';

/** What the injector writes into each pod that it injects: JSON with the revision among much else. */
export const statusAnnotation = 'sidecar.istio.io/status';

/** What a pod's metadata says that we ask for at every look. */
export interface PodFacts {
  /** The id of what restarts it: `Deployment foo/foo`, or `Pod foo/bare` for one that nothing would make again. */
  owner: string;
  revision: Revision | 'none';
}

const known = new WeakMap<PartialObject, PodFacts>();
const knownTemplates = new WeakMap<object, PodFacts>();

/** A changed pod is another object, so each is read once however often the mesh is looked at. */
export function podFacts(pod: PartialObject): PodFacts {
  const before = knownTemplates.get(pod.metadata.labels ?? pod) ?? known.get(pod);
  if (before !== undefined) return before;
  const facts = readFacts(pod);
  known.set(pod, facts);
  return facts;
}

/** From now on all pods that hold this very object of labels are read as this one: whoever shares it knows them to be alike. */
export function readAlike(pod: PartialObject): void {
  const { labels, ownerReferences } = pod.metadata;
  if (labels !== undefined && ownerReferences?.length) knownTemplates.set(labels, readFacts(pod));
}

function readFacts(pod: PartialObject): PodFacts {
  return { owner: ownerOfPod(pod), revision: revisionOfPod(pod) };
}

/** The truth about a pod, from what the injector wrote into it; gateways of istioctl carry only the label. */
export function revisionOfPod({ metadata }: PartialObject): Revision | 'none' {
  const status = metadata.annotations?.[statusAnnotation];
  const written = status === undefined ? undefined : revisionInStatus(status);
  const injected = written ?? metadata.annotations?.[revisionLabel];
  if (injected !== undefined) return injected;
  return gatewayComponents.has(metadata.labels?.['operator.istio.io/component'] ?? '')
    ? (metadata.labels?.[revisionLabel] ?? 'none')
    : 'none';
}

/** What istioctl installs as proxies; its istiod carries the same labels and is none. */
const gatewayComponents = new Set(['IngressGateways', 'EgressGateways']);

/** `undefined` for what no injector wrote. */
export function revisionInStatus(text: string): string | undefined {
  // The injector writes this JSON; anything else there is not the injector's, and the annotation beside it decides.
  try {
    const status: unknown = JSON.parse(text);
    const revision =
      typeof status === 'object' && status !== null && 'revision' in status ? status.revision : undefined;
    return typeof revision === 'string' && revision !== '' ? revision : undefined;
  } catch {
    return undefined;
  }
}
