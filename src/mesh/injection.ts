import type { AdmissionWebhook, Selection } from '../model/world.ts';
import { selects } from './label-selector.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * Which webhook would inject a pod with these labels in a namespace with those. It matches selectors as the API server does, so
 * the precedence (`istio-injection` over the namespace's `istio.io/rev` over the pod's labels) needs no further rule.
 * @returns `undefined` when no webhook selects it: the pod is not in the mesh
 */
export function selectionOf(
  webhooks: readonly AdmissionWebhook[],
  namespace: Labels,
  pod: Labels,
): Selection | undefined {
  const picked = webhooks.filter(
    ({ injects, namespaceSelector, objectSelector }) =>
      injects && selects(namespaceSelector, namespace) && selects(objectSelector, pod),
  );
  // If two select the same pod, the one of the tag counts: the pod follows the tag, and the other webhook is the mistake.
  const first = picked.find(({ tag }) => tag !== undefined) ?? picked[0];
  if (first === undefined) return undefined;
  const configurations = [...new Set(picked.map(({ configuration }) => configuration))];
  return { tag: first.tag, revision: first.revision, configurations };
}

const wish = 'sidecar.istio.io/inject';
/** Namespaces where istiod never injects. */
const systemNamespaces: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
]);

/** Whether istiod leaves a pod as it is although its webhook selected it; the label outranks the annotation. */
export function isDeclined(
  namespace: string,
  pod: { labels: Labels; annotations: Labels; hostNetwork: boolean },
): boolean {
  const wanted = pod.labels[wish] ?? pod.annotations[wish];
  return pod.hostNetwork || wanted === 'false' || systemNamespaces.has(namespace);
}
