import { parse, YAMLParseError } from 'yaml';
import { ConfigMaps } from '../../../../src/ports/kinds.ts';
import type { ConfigMap } from '../../../../src/ports/objects.ts';
import type { Store } from '../api-server/store.ts';
import { IstioNamespace } from './names.ts';

export interface RevisionMeshConfig {
  revision: string;
  mesh: Readonly<Record<string, unknown>>;
}

/** A proxy gets its mesh config from the istiod of the same revision. */
export class MeshConfigs {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Without those that cannot be read: their istiod keeps what it had (pkg/config/mesh/meshwatcher/collection.go of 1.31). */
  list(): readonly RevisionMeshConfig[] {
    return this.#store
      .list<ConfigMap>(ConfigMaps, IstioNamespace)
      .filter(({ metadata }) => isMeshConfig(metadata.name))
      .flatMap(({ metadata, data }) => {
        const mesh = read(data?.['mesh'] ?? '');
        const revision = metadata.name === 'istio' ? 'default' : metadata.name.slice('istio-'.length);
        return mesh === undefined ? [] : [{ revision, mesh }];
      });
  }

  onChange(apply: () => void): void {
    this.#store.onChange(({ kind, object: { metadata } }) => {
      if (kind.kind === ConfigMaps.kind && metadata.namespace === IstioNamespace && isMeshConfig(metadata.name))
        apply();
    });
  }
}

function read(text: string): RevisionMeshConfig['mesh'] | undefined {
  try {
    return (parse(text) ?? {}) as RevisionMeshConfig['mesh'];
  } catch (failure) {
    if (failure instanceof YAMLParseError) return undefined;
    throw failure;
  }
}

/** `istio-1-31-0`; the other ConfigMaps of Istio have words after their first one. */
const isMeshConfig = (name: string): boolean => name === 'istio' || /^istio-\d/.test(name);
