import type { Finding } from './finding.ts';
import type { Plan } from './plan.ts';
import type { Sight } from './sight.ts';

/** What `check` found. */
export interface Checked {
  plan: Plan;
  hash: string;
  /** Blocking ones first. */
  findings: readonly Finding[];
  blocked: boolean;
  workloads: number;
  dryRunPods: number;
  /** What the gate would see of each wave; left out if Prometheus does not answer, which a finding says. */
  sight?: Sight;
}
