/** What installed an object, by the marks on it, and would write or delete it again. */
export interface Owner {
  by: OwnerKind;
  /** Of the release, the application or the object that owns it; empty where the marks do not say. */
  name: string;
  namespace?: string;
  /** By a mark on the object: the owner created it and leaves its changes alone, or does not apply it for now. */
  standsBack?: StandsBack;
  /** By a mark on the object: the owner leaves it in the cluster when it no longer contains it. */
  neverDeletes?: true;
}

/** `delegated`: for good; `paused`: until a person ends it. */
export type StandsBack = 'delegated' | 'paused';

export type OwnerKind = keyof typeof ownerKinds;

/** `restores`: without a command of a person it writes the object again as its source has it. */
export const ownerKinds = {
  istioctl: { title: 'istioctl', restores: false },
  helm: { title: 'Helm release', restores: false },
  'argo-cd': { title: 'Argo CD Application', restores: true },
  'flux-kustomization': { title: 'Flux Kustomization', restores: true },
  'flux-helm-release': { title: 'Flux HelmRelease', restores: true },
  operator: { title: 'the operator of', restores: true },
} as const satisfies Record<string, { title: string; restores: boolean }>;

/** `Helm release istio-system/istiod-1-30-4` */
export function describeOwner({ by, name, namespace }: Owner): string {
  const named = namespace === undefined ? name : `${namespace}/${name}`;
  return [ownerKinds[by].title, named].filter((word) => word !== '').join(' ');
}

export const isSameOwner = (one: Owner, other: Owner): boolean =>
  one.by === other.by && one.name === other.name && one.namespace === other.namespace;
