import type { Settings } from './values.ts';

/** What one istiod and the sidecars of its revision are configured with; the name of the revision is left out of every value. */
export interface Configuration {
  /** What its installer was given; `undefined` where the ConfigMap values-REVISION does not exist. */
  given: Settings | undefined;
  /** The same with the defaults of its charts. */
  effective: Settings | undefined;
  /** What it reads and runs with: mesh config; environment, arguments, resources and scheduling of its pods. */
  live: Settings;
  /** The values of its sidecar injector. */
  injector: Settings;
  /** Kinds around the istiod that this user may not list, so that nothing is known of them. */
  unread: readonly string[];
  /** The tags of the images, without the variant: `1.31.0`; `undefined` for a digest. */
  images: { istiod: string | undefined; sidecar: string | undefined };
}

/** The configurations of both revisions of a plan. */
export interface Configurations {
  /** `undefined` when its istiod is gone. */
  from: Configuration | undefined;
  /** `undefined` when it is not installed and the installer previews no istiod. */
  to: Configuration | undefined;
  /** Whether `to` was read from the cluster, or is what the installer would install. */
  toIs: 'installed' | 'previewed';
}
