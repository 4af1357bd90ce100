import type { Kind } from '../../../../src/ports/kubernetes.ts';
import {
  BuiltInResources,
  type CustomResourceDefinition,
  customResources,
  type Resource,
  splitApiVersion,
} from './resources.ts';
import type { Store } from './store.ts';

const Definitions: Kind = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

/** Everything the server serves now: what is built in, and what the stored definitions add. */
export class Catalog {
  readonly #byPath = new Map<string, Resource>();
  readonly #custom = new Map<string, readonly Resource[]>();

  constructor(store: Store) {
    for (const resource of BuiltInResources) this.#byPath.set(pathOf(resource), resource);
    store.onChange(({ type, kind, object }) => {
      if (kind.plural !== Definitions.plural) return;
      for (const resource of this.#custom.get(object.metadata.name) ?? []) this.#byPath.delete(pathOf(resource));
      if (type === 'DELETED') {
        dropObjectsOf(store, object as CustomResourceDefinition);
        return;
      }
      const resources = customResources(object as CustomResourceDefinition);
      this.#custom.set(object.metadata.name, resources);
      for (const resource of resources) this.#byPath.set(pathOf(resource), resource);
    });
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  /** @throws Error if the kind is neither built in nor defined; a mistake of the caller, not of a client */
  resolve(kind: Kind): Resource {
    const { group, version } = splitApiVersion(kind.apiVersion);
    const resource = this.find(group, version, kind.plural);
    if (!resource) throw new Error(`not simulated: ${kind.apiVersion} ${kind.plural} (no such resource or CRD)`);
    return resource;
  }

  all(): readonly Resource[] {
    return [...this.#byPath.values()];
  }
}

/** What a definition defined goes with it. */
function dropObjectsOf(store: Store, { spec: { group, names } }: CustomResourceDefinition): void {
  const kinds = store
    .kinds()
    .filter((kind) => kind.plural === names.plural && splitApiVersion(kind.apiVersion).group === group);
  for (const kind of kinds)
    for (const { metadata } of store.list(kind)) store.delete(kind, metadata.name, metadata.namespace);
}

function pathOf({ group, version, plural }: Resource): string {
  return `${group}/${version}/${plural}`;
}
