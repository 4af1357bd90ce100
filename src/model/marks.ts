import type { JudgedEvidence } from './evidence.ts';

/** Times and verdicts that only the journal knows. Times are the API server's, Unix milliseconds. */
export interface Marks {
  waves: Readonly<Record<string, WaveMarks>>;
  /** When nothing was first seen to refer to `from`; the second reading comes a soak later. */
  unusedSince?: number;
  /** When stage 8 began to remove: from here on there is no rollback. */
  removalBegan?: number;
  tagMovedAt?: number;
  /** Left out by releases before this mark: then every workload counts as healthy. */
  unhealthyBefore?: UnhealthyBefore;
}

/** Workloads of the mesh with fewer ready pods than they want when the upgrade began, by id. */
export interface UnhealthyBefore {
  workloads: Readonly<Record<string, { desired: number; ready: number }>>;
  /** How many there were besides; these count as healthy. */
  more: number;
}

export interface WaveMarks {
  /** Before its first restart. */
  startedAt?: number;
  /** When its last pod was seen ready on `to`: the bake begins. */
  readyAt?: number;
  verdict?: JudgedEvidence;
}
