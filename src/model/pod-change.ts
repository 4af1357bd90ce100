import type { Settings } from './values.ts';

/** What the injector of each revision makes of one pod that speaks for its class. */
export interface PodChange {
  /** The id of the workload. */
  workload: string;
  /** How many others are of its class. */
  others: number;
  /** Unknown: why. */
  pods: { from: Settings; to: Settings } | { unknown: string };
  /** Whether the new istiod was asked, or istioctl rendered its templates because it is not installed. */
  toIs: 'injected' | 'rendered';
}
