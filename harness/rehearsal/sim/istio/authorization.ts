import { parse } from 'yaml';
import { ConfigMaps } from '../../../../src/ports/kinds.ts';
import type { ConfigMap } from '../../../../src/ports/objects.ts';
import type { Store } from '../api-server/store.ts';
import type { Traffic } from '../metrics/traffic.ts';
import { IstioNamespace } from './names.ts';

/** How a proxy refuses a request: its filter answers by itself, and sets no flag. */
const denied = { responseCode: '403' };

/**
 * Requests that an extension provider has to authorize. A proxy gets its providers from the mesh config of its own revision; where
 * that has not the provider of a policy, istiod lets the proxy refuse everything (pilot/pkg/security/authz/builder of 1.31).
 */
export class Authorization {
  readonly #store: Store;
  readonly #traffic: Traffic;
  readonly #required: { namespace: string; provider: string }[] = [];
  /** By namespace and revision. */
  readonly #denies = new Map<string, boolean>();

  constructor(store: Store, traffic: Traffic) {
    this.#store = store;
    this.#traffic = traffic;
    store.onChange(({ kind, object: { metadata } }) => {
      if (kind.kind === ConfigMaps.kind && metadata.namespace === IstioNamespace && isMeshConfig(metadata.name))
        this.#apply();
    });
  }

  require(namespace: string, provider: string): void {
    this.#required.push({ namespace, provider });
    this.#apply();
  }

  #apply(): void {
    for (const { metadata, data } of this.#store.list<ConfigMap>(ConfigMaps, IstioNamespace)) {
      if (!isMeshConfig(metadata.name)) continue;
      const revision = metadata.name === 'istio' ? 'default' : metadata.name.slice('istio-'.length);
      for (const { namespace, provider } of this.#required) {
        const denies = !providersIn(data?.['mesh'] ?? '').includes(provider);
        const key = `${namespace}/${revision}`;
        if ((this.#denies.get(key) ?? false) === denies) continue;
        this.#denies.set(key, denies);
        const ratio = denies ? 1 : 0;
        this.#traffic.setErrorRatio({ namespace, revision, ratio, failure: denied, cause: 'authorization' });
      }
    }
  }
}

/** `istio-1-31-0`; the other ConfigMaps of Istio have words after their first one. */
const isMeshConfig = (name: string): boolean => name === 'istio' || /^istio-\d/.test(name);

function providersIn(mesh: string): readonly (string | undefined)[] {
  const { extensionProviders = [] } = (parse(mesh) ?? {}) as { extensionProviders?: { name?: string }[] };
  return extensionProviders.map(({ name }) => name);
}
