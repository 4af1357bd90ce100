import type { PartialObject } from '../../model/kubernetes-object.ts';
import type { Revision } from '../../model/revision.ts';
import { ownerOfPod } from '../../workloads/owner-of-pod.ts';
import { revisionLabel } from './control-planes.ts';

/** What the injector writes into each pod that it injects: JSON that contains the revision. */
export const statusAnnotation = 'sidecar.istio.io/status';

/** What each snapshot needs of the metadata of a pod. */
export interface PodFacts {
  /** The id of what restarts it: `Deployment foo/foo`, or `Pod foo/bare` for one that no controller would create again. */
  owner: string;
  revision: Revision | 'none';
}

const known = new WeakMap<PartialObject, PodFacts>();
const knownTemplates = new WeakMap<object, PodFacts>();

/** A changed pod is another object, so each pod is parsed once, for all snapshots. */
export function podFacts(pod: PartialObject): PodFacts {
  const before = knownTemplates.get(pod.metadata.labels ?? pod) ?? known.get(pod);
  if (before !== undefined) return before;
  const facts = readFacts(pod);
  known.set(pod, facts);
  return facts;
}

/** From now on all pods with this same object of labels get the facts of this one: code that shares the object knows that they are equal. */
export function readAlike(pod: PartialObject): void {
  const { labels, ownerReferences } = pod.metadata;
  if (labels !== undefined && ownerReferences?.length) knownTemplates.set(labels, readFacts(pod));
}

function readFacts(pod: PartialObject): PodFacts {
  return { owner: ownerOfPod(pod), revision: revisionOfPod(pod) };
}

/** The revision that a pod really runs, from what the injector wrote into it; gateways of istioctl carry only the label. */
export function revisionOfPod({ metadata }: PartialObject): Revision | 'none' {
  const status = metadata.annotations?.[statusAnnotation];
  const written = status === undefined ? undefined : revisionInStatus(status);
  const injected = written ?? metadata.annotations?.[revisionLabel];
  if (injected !== undefined) return injected;
  return gatewayComponents.has(metadata.labels?.['operator.istio.io/component'] ?? '')
    ? (metadata.labels?.[revisionLabel] ?? 'none')
    : 'none';
}

/** The components that istioctl installs as proxies; its istiod carries the same labels but is not a proxy. */
const gatewayComponents = new Set(['IngressGateways', 'EgressGateways']);

/** `undefined` for text that no injector wrote. */
export function revisionInStatus(text: string): string | undefined {
  // The injector writes this JSON; for any other text the annotation beside it decides.
  try {
    const status: unknown = JSON.parse(text);
    const revision =
      typeof status === 'object' && status !== null && 'revision' in status ? status.revision : undefined;
    return typeof revision === 'string' && revision !== '' ? revision : undefined;
  } catch {
    return undefined;
  }
}
