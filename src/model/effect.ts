import type { JudgedEvidence } from './evidence.ts';
import type { ManifestObject } from './manifest-object.ts';
import type { ReleaseName } from './release-name.ts';
import type { RestartMark } from './restart-mark.ts';
import type { Revision } from './revision.ts';
import type { WorkloadKind } from './workload-kind.ts';

/** Everything that a run may write, closed. Each is idempotent, and defined in the file of its kind in `src/effects/`. */
export type Effect =
  /** `again`: over one that this tool installed and that is not what the config asks for. */
  | { kind: 'install'; revision: Revision; again: boolean; leavesDefinitions?: true }
  /** `defaultRevision`: what the validator of the tag `default` points to, where that tag exists. */
  | { kind: 'upgrade-definitions'; release: ReleaseName; version: string; defaultRevision?: Revision }
  | { kind: 'move-tag'; tag: string; revision: Revision; keepsAutoInject: boolean }
  /** So that its pods get the proxy of the revision wherever the tag points. */
  | { kind: 'label-namespace'; namespace: string; revision: Revision }
  /** As it was before. */
  | { kind: 'restore-labels'; namespace: string }
  | { kind: 'restart-workload'; workload: { kind: WorkloadKind; namespace: string; name: string }; by: RestartMark }
  /** `empty`: it has no pods to judge. */
  | { kind: 'begin-wave'; wave: string; namespaces: readonly string[]; empty?: true }
  /** `gateways`: of stage 4, those that are ready. */
  | { kind: 'begin-bake'; wave: string; namespaces: readonly string[]; gateways?: readonly string[] }
  | {
      kind: 'record-verdict';
      wave: string;
      namespaces: readonly string[];
      judged: JudgedEvidence;
      without: readonly string[];
    }
  | { kind: 'record-unused'; clean: boolean }
  /** `isGone`: others have removed it, and only the journal is to know. */
  | { kind: 'uninstall'; revision: Revision; isGone?: true }
  | { kind: 'remove-leftover'; object: ManifestObject };

export type EffectKind = Effect['kind'];
export type EffectOf<K extends EffectKind> = Extract<Effect, { kind: K }>;
