import type { KubernetesObject } from './kubernetes-object.ts';

/** One object of a manifest, by kind and name. */
export interface ManifestObject {
  kind: string;
  name: string;
  namespace?: string;
}

/** What an install would apply. */
export interface Manifest {
  objects: readonly ManifestObject[];
  /** Of the text of all objects, whatever their order. */
  hash: string;
  /** In full: ConfigMaps, Deployments, and what scales, guards and shields their pods, which say how an istiod is configured. */
  configuring: readonly KubernetesObject[];
  /** The installer cannot show what it would apply: the lists are empty, and the hash is of what it is asked to do. */
  isUnseen?: true;
}
