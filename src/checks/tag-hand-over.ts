import type { Owner, OwnerKind } from '../model/owner.ts';
import type { TagObject } from '../model/world.ts';

/** Of an object of a tag, for a command line. */
const resources = {
  webhook: 'mutatingwebhookconfiguration',
  validator: 'validatingwebhookconfiguration',
  Service: 'service',
} as const satisfies Record<TagObject['kind'], string>;

/** How a tag leaves the owner that would delete it, without a moment in which it is not there. */
export function handOver(owner: Owner, objects: readonly TagObject[]): string {
  return `In this order: ${steps[owner.by](owner, objects).join('; then ')}.`;
}

/**
 * Helm deletes what leaves the manifest of a release unless the live object is annotated; the removal of the release deletes what
 * its manifest holds. So the annotation comes first, and the mark of the owner goes last.
 */
const steps = {
  helm: (owner, objects) => [
    ...objects.map((object) => annotate(object, 'helm.sh/resource-policy=keep')),
    `take revisionTags out of the values that \`helm get values ${release(owner)}\` prints`,
    `helm upgrade ${release(owner)} -f VALUES, with the chart that it has now`,
    ...objects.map((object) => annotate(object, 'meta.helm.sh/release-name- meta.helm.sh/release-namespace-')),
  ],
  'flux-helm-release': ({ name, namespace }, objects) => [
    ...objects.map((object) => annotate(object, 'helm.sh/resource-policy=keep')),
    `take revisionTags out of the values of HelmRelease ${namespace ?? 'NAMESPACE'}/${name} and wait for its reconciliation`,
    ...objects.flatMap((object) => [
      annotate(object, 'meta.helm.sh/release-name- meta.helm.sh/release-namespace-'),
      `kubectl label ${address(object)} helm.toolkit.fluxcd.io/name- helm.toolkit.fluxcd.io/namespace-`,
    ]),
  ],
  'argo-cd': (_owner, objects) => [
    `annotate ${names(objects)} in Git with argocd.argoproj.io/sync-options: Prune=false,Delete=false`,
    'wait for the sync',
  ],
  'flux-kustomization': (_owner, objects) => [
    `annotate ${names(objects)} in Git with kustomize.toolkit.fluxcd.io/prune: disabled`,
    'wait for the reconciliation',
  ],
  operator: ({ name }, objects) => [
    `let another object than ${name} own ${names(objects)}, for example a resource of the operator for tags alone`,
  ],
  istioctl: (_owner, objects) => [`let \`istioctl tag set\` create ${names(objects)}`],
} as const satisfies Record<OwnerKind, (owner: Owner, objects: readonly TagObject[]) => readonly string[]>;

export const release = ({ name, namespace }: Owner): string =>
  `${name}${namespace === undefined ? '' : ` -n ${namespace}`}`;

const names = (objects: readonly TagObject[]): string => objects.map(({ name }) => name).join(' and ');

/** A command that changes annotations of an object of a tag. */
export const annotate = (object: TagObject, marks: string): string => `kubectl annotate ${address(object)} ${marks}`;

function address({ kind, name, object }: TagObject): string {
  const { namespace } = object.metadata;
  const where = resources[kind] === 'service' && namespace !== undefined ? ` -n ${namespace}` : '';
  return `${resources[kind]} ${name}${where}`;
}
