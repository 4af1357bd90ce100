import type { KubernetesObject, ObjectMeta } from '../model/kubernetes-object.ts';
import type { Owner } from '../model/owner.ts';

type Reader = (object: KubernetesObject, kind: string) => Owner | undefined;

/**
 * Who owns an object, by its marks alone. Several tools may have left marks on it, since operators and GitOps run Helm: the
 * outermost one decides what becomes of the object.
 * @param kind of the object, since what a list returns does not carry it
 * @returns `undefined` when no mark tells
 */
export function ownerOf(object: KubernetesObject, kind: string): Owner | undefined {
  for (const read of readers) {
    const owner = read(object, kind);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

const byReference: Reader = ({ metadata: { ownerReferences = [] } }) => {
  const owner = ownerReferences.find(({ controller }) => controller === true) ?? ownerReferences[0];
  return owner && { by: 'operator', name: `${owner.kind} ${owner.name}` };
};

/** `APPLICATION:GROUP/KIND:NAMESPACE/NAME`; for an object without a namespace it holds that of the Application's destination. */
const trackingId = /^([^:]+):([^/]*)\/([^:]+):([^/]*)\/(.+)$/;

/** One that names another object was copied with it, and Argo CD ignores it too. */
const byTrackingId: Reader = ({ metadata }, kind) => {
  const { annotations = {} } = metadata;
  const [, name, , ofKind, , ofName] = trackingId.exec(annotations['argocd.argoproj.io/tracking-id'] ?? '') ?? [];
  return name !== undefined && ofKind === kind && ofName === metadata.name ? argoCd(name, annotations) : undefined;
};

const instance = 'app.kubernetes.io/instance';

/** Istio's charts set this label themselves: it is Argo CD's only if Argo CD wrote it. */
const byInstance: Reader = ({ metadata }) => {
  const { labels = {}, annotations = {} } = metadata;
  const name = labels[instance];
  const isTracked = writersOf(metadata, 'labels', instance).some((manager) => /^argo-?cd/.test(manager));
  return name !== undefined && isTracked ? argoCd(name, annotations) : undefined;
};

/** Its annotation of sync options is a list; no annotation keeps Argo CD from a write (argoproj/argo-cd#7975). */
function argoCd(name: string, annotations: Readonly<Record<string, string>>): Owner {
  const options = (annotations['argocd.argoproj.io/sync-options'] ?? '').split(',').map((option) => option.trim());
  const isKept = options.includes('Prune=false') && options.includes('Delete=false');
  return { by: 'argo-cd', name, ...(isKept ? { neverDeletes: true } : {}) };
}

const flux = 'kustomize.toolkit.fluxcd.io';

const byKustomization: Reader = ({ metadata: { labels = {}, annotations = {} } }) => {
  const name = labels[`${flux}/name`];
  const mark = (key: string): string => (annotations[`${flux}/${key}`] ?? labels[`${flux}/${key}`] ?? '').toLowerCase();
  const isPaused = mark('reconcile') === 'disabled';
  const isDelegated = mark('ssa') === 'ifnotpresent' || mark('ssa') === 'ignore';
  return name === undefined
    ? undefined
    : {
        by: 'flux-kustomization',
        name,
        ...named(labels[`${flux}/namespace`]),
        ...(isPaused ? { standsBack: 'paused' } : isDelegated ? { standsBack: 'delegated' } : {}),
        ...(isPaused || mark('prune') === 'disabled' ? { neverDeletes: true } : {}),
      };
};

const byHelmRelease: Reader = ({ metadata: { labels = {} } }) => {
  const name = labels['helm.toolkit.fluxcd.io/name'];
  return name === undefined
    ? undefined
    : { by: 'flux-helm-release', name, ...named(labels['helm.toolkit.fluxcd.io/namespace']) };
};

const release = 'meta.helm.sh/release-name';

/**
 * By the annotation, and never by `app.kubernetes.io/managed-by: Helm`, which Istio's charts set under every tool. `istioctl tag set`
 * copies the annotations of the revision's injector to the tag, and a rollback writes them as they were: what only these wrote belongs to no release.
 */
const byHelm: Reader = ({ metadata }) => {
  const { annotations = {} } = metadata;
  const name = annotations[release];
  const writers = writersOf(metadata, 'annotations', release);
  const isCopied =
    writers.length > 0 && writers.every((manager) => /^istio-ci$|^istioctl|^istio-canary-upgrade$/.test(manager));
  return name === undefined || isCopied
    ? undefined
    : { by: 'helm', name, ...named(annotations['meta.helm.sh/release-namespace']) };
};

/** The label by which `istioctl uninstall` finds what `istioctl install` made; the charts set `owning-resource` under every tool. */
const byIstioctl: Reader = ({ metadata: { labels = {} } }) =>
  labels['install.operator.istio.io/owning-resource-namespace'] === undefined
    ? undefined
    : { by: 'istioctl', name: '' };

/** The outermost first. */
const readers: readonly Reader[] = [
  byReference,
  byTrackingId,
  byInstance,
  byKustomization,
  byHelmRelease,
  byHelm,
  byIstioctl,
];

const named = (namespace: string | undefined) => (namespace === undefined ? {} : { namespace });

/** The field managers that wrote this label or annotation as it is now. */
function writersOf({ managedFields = [] }: ObjectMeta, map: 'labels' | 'annotations', key: string): readonly string[] {
  return managedFields.flatMap(({ manager, fieldsV1 }) => {
    const metadata = fieldsV1?.['f:metadata'] as Record<string, Record<string, unknown> | undefined> | undefined;
    return manager !== undefined && metadata?.[`f:${map}`]?.[`f:${key}`] !== undefined ? [manager] : [];
  });
}
