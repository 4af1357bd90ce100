import { stringify } from 'yaml';
import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import { MutatingWebhooks, Services, ValidatingWebhooks } from '../../../../src/ports/kinds.ts';
import type { Kind } from '../../../../src/ports/kubernetes.ts';
import type { Registry } from '../api-server/registry.ts';
import { withTypes } from './apply.ts';
import { coreManifest, istiodManifest } from './control-plane-manifest.ts';
import type { Manifested } from './manifest.ts';
import { DefaultValidatorName, IstioNamespace, OwnerLabel, tagServiceName, tagWebhookName } from './names.ts';

export const HelmManager = 'helm';
const annotations = { name: 'meta.helm.sh/release-name', namespace: 'meta.helm.sh/release-namespace' } as const;
const Keep = 'helm.sh/resource-policy';

const Secrets: Kind = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };

interface ReleaseSecret extends KubernetesObject {
  type: string;
  /** The manifest as JSON; Helm packs it. */
  data: { release: string };
}

/** A release of Helm: the objects that its manifest holds, as Helm 4 treats them. Its record is a Secret, as in a cluster. */
export class HelmRelease {
  readonly name: string;
  readonly #registry: Registry;

  constructor(registry: Registry, name: string) {
    this.#registry = registry;
    this.name = name;
  }

  /** Of its newest revision; `undefined` when there is no such release. */
  get status(): string | undefined {
    return this.#newest?.metadata.labels?.['status'];
  }

  get manifest(): readonly Manifested[] {
    const { data } = this.#newest ?? {};
    return data === undefined ? [] : (JSON.parse(data.release) as Manifested[]);
  }

  /** What `helm get manifest` prints. */
  get text(): string {
    return this.manifest
      .map((entry) => `---\n# Source: ${entry.object.metadata.name}\n${stringify(withTypes(entry))}`)
      .join('');
  }

  /** A new revision of it. */
  record(status: string, manifest: readonly Manifested[]): void {
    const before = this.#revisions;
    for (const { metadata } of before)
      if (metadata.labels?.['status'] === 'deployed')
        this.#registry.patch(
          Secrets,
          metadata,
          { type: 'merge', body: { metadata: { labels: { status: 'superseded' } } } },
          { manager: HelmManager },
        );
    const version = String(before.length + 1);
    const secret: ReleaseSecret = {
      metadata: {
        name: `sh.helm.release.v1.${this.name}.v${version}`,
        namespace: IstioNamespace,
        labels: { owner: 'helm', name: this.name, status, version },
      },
      type: 'helm.sh/release.v1',
      data: { release: JSON.stringify(manifest) },
    };
    this.#registry.create(Secrets, secret, { manager: HelmManager });
  }

  /** The newest revision has come to this. */
  end(status: string): void {
    const { metadata } = this.#newest ?? {};
    if (metadata !== undefined)
      this.#registry.patch(
        Secrets,
        metadata,
        { type: 'merge', body: { metadata: { labels: { status } } } },
        { manager: HelmManager },
      );
  }

  /** As if this release, and not istioctl, had created these objects. */
  adopt(objects: readonly Manifested[]): void {
    this.record('deployed', [...this.manifest, ...objects.filter((entry) => this.#live(entry) !== undefined)]);
    for (const { kind, object } of this.manifest)
      this.#registry.patch(
        kind,
        object.metadata,
        { type: 'merge', body: { metadata: { ...this.marks, labels: { [OwnerLabel]: null } } } },
        { manager: HelmManager },
      );
  }

  get marks(): { annotations: Record<string, string> } {
    return { annotations: { [annotations.name]: this.name, [annotations.namespace]: IstioNamespace } };
  }

  /** The release that an object is marked with. */
  static ownerOf(object: KubernetesObject | undefined): string | undefined {
    return object?.metadata.annotations?.[annotations.name];
  }

  /** `helm upgrade` with a manifest that no longer holds some objects: each is deleted unless the live one is annotated. */
  upgradeWithout(isOut: (entry: Manifested) => boolean): void {
    for (const entry of this.manifest.filter(isOut))
      if (this.#live(entry)?.metadata.annotations?.[Keep] !== 'keep') this.#delete(entry);
    this.record(
      'deployed',
      this.manifest.filter((entry) => !isOut(entry)),
    );
  }

  /** `helm uninstall`: everything in the manifest that no other release claims, and nothing is said of the rest. */
  uninstall(): void {
    for (const entry of this.manifest)
      if (entry.object.metadata.annotations?.[Keep] !== 'keep' && HelmRelease.ownerOf(this.#live(entry)) === this.name)
        this.#delete(entry);
    for (const { metadata } of this.#revisions) this.#registry.delete(Secrets, metadata);
  }

  get #revisions(): readonly ReleaseSecret[] {
    return this.#registry.store
      .list<ReleaseSecret>(Secrets, IstioNamespace)
      .filter(({ metadata }) => metadata.labels?.['owner'] === 'helm' && metadata.labels['name'] === this.name);
  }

  get #newest(): ReleaseSecret | undefined {
    return this.#revisions.toSorted((a, b) => versionOf(b) - versionOf(a))[0];
  }

  #live({ kind, object: { metadata } }: Manifested): KubernetesObject | undefined {
    return this.#registry.store.get(kind, metadata.name, metadata.namespace);
  }

  #delete({ kind, object }: Manifested): void {
    this.#registry.delete(kind, object.metadata);
  }
}

const versionOf = ({ metadata }: ReleaseSecret): number => Number(metadata.labels?.['version']);

export const istiodObjects = (revision: string, version: string): readonly Manifested[] =>
  istiodManifest(revision, version).map(({ kind, object }) => ({ kind, object }));

/** What `revisionTags` of the chart renders: no validator, which belongs to the chart base. */
export const tagObjects = (tag: string): readonly Manifested[] => [
  { kind: MutatingWebhooks, object: { metadata: { name: tagWebhookName(tag) } } },
  { kind: Services, object: { metadata: { name: tagServiceName(tag), namespace: IstioNamespace } } },
];

/** The chart base: CRDs that stay when the release goes, the account of readers, and the validator of the default revision. */
export const baseObjects = (version: string): readonly Manifested[] => [
  ...coreManifest('default', version).map(({ kind, object: { metadata, ...body } }) => {
    const labels = { 'app.kubernetes.io/part-of': 'istio', 'app.kubernetes.io/version': version };
    const kept = kind.plural === 'customresourcedefinitions' ? { annotations: { [Keep]: 'keep' } } : {};
    const { labels: _operator, ...named } = metadata;
    return { kind, object: { ...body, metadata: { ...named, ...kept, labels } } };
  }),
  { kind: ValidatingWebhooks, object: { metadata: { name: DefaultValidatorName } } },
];

/** The mesh as if Helm had installed it: the chart base, and a release of the istiod. The tag belongs to no release. */
export function adoptByHelm(registry: Registry, { version, revision }: { version: string; revision: string }): void {
  const base = baseObjects(version);
  new HelmRelease(registry, 'istio-base').adopt(base);
  for (const { kind, object } of base)
    if (object.metadata.labels !== undefined)
      registry.patch(
        kind,
        object.metadata,
        {
          type: 'merge',
          body: { metadata: { labels: { ...object.metadata.labels, 'operator.istio.io/version': null } } },
        },
        { manager: HelmManager },
      );
  new HelmRelease(registry, `istiod${revision === 'default' ? '' : `-${revision}`}`).adopt(
    istiodObjects(revision, version),
  );
}
