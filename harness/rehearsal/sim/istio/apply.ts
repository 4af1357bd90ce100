import type { KubernetesObject } from '../../../../src/model/kubernetes-object.ts';
import type { Registry } from '../api-server/registry.ts';
import type { Manifested } from './manifest.ts';

/** Server-side apply of every object, taking over what others own. */
export function applyManifest(registry: Registry, manifest: readonly Manifested[], manager: string): void {
  for (const { kind, object } of manifest) {
    registry.patch(
      kind,
      object.metadata,
      { type: 'apply', body: withTypes({ kind, object }), force: true },
      { manager },
    );
  }
}

/** As it stands in a file. */
export function withTypes({ kind, object }: Manifested): KubernetesObject {
  return { apiVersion: kind.apiVersion, kind: kind.kind, ...object };
}
