import { kubernetesMinors, nodeImage } from './node-images.ts';

/** Where the images of a cluster come from. Everything else of a rehearsal on kind is the same code. */
export interface ImageSource {
  /** Minors of Kubernetes, newest first. */
  minors: readonly string[];
  /** @returns undefined for a minor without an image */
  nodeImage(minor: string): string | undefined;
  /** Releases of Istio; undefined: every release. */
  releases: readonly string[] | undefined;
  /** The node has every image already. */
  areLoaded: boolean;
  /** What istiod must be installed with so that the proxies understand it. */
  settings: readonly string[];
  /** Objects that only these images need. */
  objects: readonly object[];
  /** Rules for the metrics of proxies, each a line of YAML, as Prometheus' `metric_relabel_configs` has them. */
  relabeling: readonly string[];
}

/** kind's own node images, Istio's own proxies. */
export const registryImages: ImageSource = {
  minors: kubernetesMinors(),
  nodeImage,
  releases: undefined,
  areLoaded: false,
  settings: [],
  objects: [],
  relabeling: [],
};
