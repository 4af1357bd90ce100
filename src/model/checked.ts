import type { Finding } from './finding.ts';
import type { Plan } from './plan.ts';

/** What `check` found. */
export interface Checked {
  plan: Plan;
  hash: string;
  /** Blocking ones first. */
  findings: readonly Finding[];
  blocked: boolean;
  workloads: number;
  dryRunPods: number;
}
