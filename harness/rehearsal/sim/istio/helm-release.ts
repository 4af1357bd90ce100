import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { MutatingWebhooks, Services } from '../../../../src/ports/kinds.ts';
import type { Registry } from '../api-server/registry.ts';
import { istiodManifest } from './control-plane-manifest.ts';
import type { Manifested } from './manifest.ts';
import { IstioNamespace, OwnerLabel, tagServiceName, tagWebhookName } from './names.ts';

const manager = 'helm';
const annotations = { name: 'meta.helm.sh/release-name', namespace: 'meta.helm.sh/release-namespace' } as const;

/** A release of Helm: the objects that its manifest holds, as Helm 4 treats them. */
export class HelmRelease {
  readonly name: string;
  readonly #registry: Registry;
  #manifest: readonly Manifested[] = [];

  constructor(registry: Registry, name: string) {
    this.#registry = registry;
    this.name = name;
  }

  /** As if this release, and not istioctl, had created these objects. */
  adopt(objects: readonly Manifested[]): void {
    this.#manifest = [...this.#manifest, ...objects.filter((entry) => this.#live(entry) !== undefined)];
    const metadata = {
      labels: { [OwnerLabel]: null },
      annotations: { [annotations.name]: this.name, [annotations.namespace]: IstioNamespace },
    };
    for (const { kind, object } of this.#manifest)
      this.#registry.patch(kind, object.metadata, { type: 'merge', body: { metadata } }, { manager });
  }

  /** `helm upgrade` with a manifest that no longer holds some objects: each is deleted unless the live one is annotated. */
  upgradeWithout(isOut: (entry: Manifested) => boolean): void {
    for (const entry of this.#manifest.filter(isOut))
      if (this.#live(entry)?.metadata.annotations?.['helm.sh/resource-policy'] !== 'keep') this.#delete(entry);
    this.#manifest = this.#manifest.filter((entry) => !isOut(entry));
  }

  /** `helm uninstall`: everything in the manifest that no other release claims, and nothing is said of the rest. */
  uninstall(): void {
    for (const entry of this.#manifest)
      if (this.#live(entry)?.metadata.annotations?.[annotations.name] === this.name) this.#delete(entry);
    this.#manifest = [];
  }

  #live({ kind, object: { metadata } }: Manifested): KubernetesObject | undefined {
    return this.#registry.store.get(kind, metadata.name, metadata.namespace);
  }

  #delete({ kind, object }: Manifested): void {
    this.#registry.delete(kind, object.metadata);
  }
}

export const istiodObjects = (revision: string, version: string): readonly Manifested[] =>
  istiodManifest(revision, version).map(({ kind, object }) => ({ kind, object }));

/** What `revisionTags` of the chart renders: no validator, which belongs to the chart base. */
export const tagObjects = (tag: string): readonly Manifested[] => [
  { kind: MutatingWebhooks, object: { metadata: { name: tagWebhookName(tag) } } },
  { kind: Services, object: { metadata: { name: tagServiceName(tag), namespace: IstioNamespace } } },
];
