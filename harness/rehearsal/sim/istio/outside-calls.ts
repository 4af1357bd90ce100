import type { Traffic } from '../metrics/traffic.ts';
import type { MeshConfigs, RevisionMeshConfig } from './mesh-configs.ts';

/** The proxy of the caller answers from its virtual host `block_all`, without a flag: pilot/pkg/networking/core/httproute.go of 1.31. */
const blocked = { responseCode: '502', seenBy: 'client' } as const;

/**
 * Calls to hosts that are not in the registry. A proxy lets them out unless the mesh config of its revision says REGISTRY_ONLY; then
 * each of them fails.
 */
export class OutsideCalls {
  readonly #meshConfigs: MeshConfigs;
  readonly #traffic: Traffic;
  readonly #made: { namespace: string; ratio: number }[] = [];
  /** By namespace and revision. */
  readonly #blocks = new Map<string, boolean>();

  constructor(meshConfigs: MeshConfigs, traffic: Traffic) {
    this.#meshConfigs = meshConfigs;
    this.#traffic = traffic;
    meshConfigs.onChange(() => {
      this.#apply();
    });
  }

  /** @param ratio the share of the calls of this namespace that go outside */
  make(namespace: string, ratio: number): void {
    this.#made.push({ namespace, ratio });
    this.#apply();
  }

  #apply(): void {
    for (const { revision, mesh } of this.#meshConfigs.list()) {
      const isBlocked = modeIn(mesh) === 'REGISTRY_ONLY';
      for (const { namespace, ratio } of this.#made) {
        const key = `${namespace}/${revision}`;
        if ((this.#blocks.get(key) ?? false) === isBlocked) continue;
        this.#blocks.set(key, isBlocked);
        const share = isBlocked ? ratio : 0;
        this.#traffic.setErrorRatio({ namespace, revision, ratio: share, failure: blocked, cause: 'outside calls' });
      }
    }
  }
}

function modeIn(mesh: RevisionMeshConfig['mesh']): string | undefined {
  const { outboundTrafficPolicy } = mesh as { outboundTrafficPolicy?: { mode?: string } };
  return outboundTrafficPolicy?.mode;
}
