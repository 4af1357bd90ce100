import type { Traffic } from '../metrics/traffic.ts';
import type { MeshConfigs, RevisionMeshConfig } from './mesh-configs.ts';

/** How a proxy refuses a request: its filter answers by itself, and sets no flag. */
const denied = { responseCode: '403' };

/**
 * Requests that an extension provider has to authorize. A proxy gets its providers from the mesh config of its own revision; where
 * that has not the provider of a policy, istiod lets the proxy refuse everything (pilot/pkg/security/authz/builder of 1.31).
 */
export class Authorization {
  readonly #meshConfigs: MeshConfigs;
  readonly #traffic: Traffic;
  readonly #required: { namespace: string; provider: string }[] = [];
  /** By namespace and revision. */
  readonly #denies = new Map<string, boolean>();

  constructor(meshConfigs: MeshConfigs, traffic: Traffic) {
    this.#meshConfigs = meshConfigs;
    this.#traffic = traffic;
    meshConfigs.onChange(() => {
      this.#apply();
    });
  }

  require(namespace: string, provider: string): void {
    this.#required.push({ namespace, provider });
    this.#apply();
  }

  #apply(): void {
    for (const { revision, mesh } of this.#meshConfigs.list()) {
      for (const { namespace, provider } of this.#required) {
        const denies = !providersIn(mesh).includes(provider);
        const key = `${namespace}/${revision}`;
        if ((this.#denies.get(key) ?? false) === denies) continue;
        this.#denies.set(key, denies);
        const ratio = denies ? 1 : 0;
        this.#traffic.setErrorRatio({ namespace, revision, ratio, failure: denied, cause: 'authorization' });
      }
    }
  }
}

function providersIn(mesh: RevisionMeshConfig['mesh']): readonly (string | undefined)[] {
  const { extensionProviders = [] } = mesh as { extensionProviders?: { name?: string }[] };
  return extensionProviders.map(({ name }) => name);
}
