import type { JudgedEvidence } from './evidence.ts';
import type { ManifestObject } from './manifest-object.ts';
import type { Revision } from './revision.ts';
import type { WorkloadKind } from './workload-kind.ts';

/** Everything that a run may write, closed. Each is idempotent and goes through `perform`, the one choke point. */
export type Effect =
  | { kind: 'install'; revision: Revision }
  | { kind: 'move-tag'; tag: string; revision: Revision; keepsAutoInject: boolean }
  | { kind: 'restart-workload'; workload: { kind: WorkloadKind; namespace: string; name: string }; token: string }
  | { kind: 'begin-wave'; wave: string }
  | { kind: 'begin-bake'; wave: string }
  | { kind: 'record-verdict'; wave: string; judged: JudgedEvidence }
  | { kind: 'record-unused'; clean: boolean }
  | { kind: 'uninstall'; revision: Revision }
  | { kind: 'remove-leftover'; object: ManifestObject };

/** One line for logs and the journal. */
export function describeEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'install':
      return `install istiod ${effect.revision}`;
    case 'move-tag':
      return `point tag ${effect.tag} at ${effect.revision}`;
    case 'restart-workload':
      return `restart ${effect.workload.kind} ${effect.workload.namespace}/${effect.workload.name}`;
    case 'begin-wave':
      return `begin wave ${effect.wave}`;
    case 'begin-bake':
      return `begin the bake of wave ${effect.wave}`;
    case 'record-verdict':
      return `record verdict ${effect.judged.verdict} of wave ${effect.wave}`;
    case 'record-unused':
      return effect.clean
        ? 'record that nothing uses the old revision'
        : 'record that the old revision is in use again';
    case 'uninstall':
      return `uninstall istiod ${effect.revision}`;
    case 'remove-leftover':
      return `remove ${effect.object.kind} ${effect.object.name}, which an interrupted uninstall left`;
  }
}

/** Marks are our own notes: they change nothing in the mesh. */
export function isMark(kind: Effect['kind']): boolean {
  return kind === 'begin-wave' || kind === 'begin-bake' || kind === 'record-verdict' || kind === 'record-unused';
}
