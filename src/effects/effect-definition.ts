import type { Costly } from '../mesh/recent.ts';
import type { Effect, EffectKind, EffectOf } from '../model/effect.ts';
import type { Emit } from '../model/events.ts';
import type { Journal } from '../model/journal.ts';
import type { Marks } from '../model/marks.ts';
import type { Plan } from '../model/plan.ts';
import type { Installer } from '../ports/installer.ts';
import type { Cluster, Kind, Target } from '../ports/kubernetes.ts';
import type { MeshTool } from '../ports/mesh-tool.ts';

/** All there is to know about one kind of effect. Its definition is the one export of `src/effects/<kind>.ts`. */
export type EffectDefinition<K extends EffectKind = EffectKind> = DefinitionOf<EffectOf<K>>;

interface DefinitionOf<E extends Effect> {
  /** One line for logs and the journal. It also identifies the effect: two effects with the same line are the same effect. */
  describe(effect: E): string;
  /** A note changes only our own journal and nothing in the mesh. */
  isNote: boolean;
  /** How the journal changes around the write, or `false` when the write is safe to repeat without a line in the journal. */
  journalled: JournalChanges | false;
  /** The costly looks that this effect cannot outdate. */
  leavesValid: readonly Costly[];
  /** The one object whose other writers are named when another writer undoes this effect. */
  object?(effect: E): { resource: Kind; target: Target };
  /** Makes the change. Whether it took effect is read back from the cluster by the stage's `missing`. @throws when it was refused */
  perform(effect: E, context: EffectContext): Promise<void>;
}

/** The intent is always written before the effect and removed after it; these change the marks in the same write. `at` is in Unix milliseconds. */
interface JournalChanges {
  atIntent?(marks: Marks, at: number): Marks;
  /** Takes `atIntent` back: the effect announced at `announcedAt` was not begun. */
  whenDropped?(marks: Marks, announcedAt: number): Marks;
  atResult?(marks: Marks, at: number): Marks;
}

/** What an effect may use. */
export interface EffectContext {
  cluster: Cluster;
  installer: Installer;
  meshTool: MeshTool;
  journal: { readonly current: Journal; update(change: (journal: Journal) => Journal): Promise<void> };
  plan: Plan;
  emit: Emit;
  /** The API server's time just before the effect, Unix milliseconds. */
  now: number;
}
