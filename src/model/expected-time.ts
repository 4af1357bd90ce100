import { gatewayBakeMs } from './gate-settings.ts';
import { type Plan, strategyOf } from './plan.ts';

type Timed = Pick<Plan, 'waves' | 'gate' | 'soakMs' | 'pace' | 'gateways' | 'strategy'>;

/** Milliseconds that an upgrade waits by its own rules; rollouts, whose time is not known before, come on top of the least. */
export interface ExpectedTime {
  /** Every wave passes as soon as it may. */
  leastMs: number;
  /** Every wave bakes to its end, and every rollout takes all the time that it has. */
  mostMs: number;
}

/**
 * To the verdict on the canary from the move of the tag, or with canary-first from the label: for so long a pod that restarts for another
 * reason, anywhere or in the canary, gets a proxy that was not judged.
 */
export function unprovenTime({ waves, gate, soakMs, pace, gateways, ...plan }: Timed): ExpectedTime {
  const before = strategyOf(plan) === 'canary-first' ? [] : gateways;
  const time = expectedTime({ waves: waves.slice(0, 1), gate, soakMs, pace, gateways: before });
  return { leastMs: time.leastMs - soakMs, mostMs: time.mostMs - soakMs };
}

export function expectedTime({ waves, gate, soakMs, pace, gateways }: Timed): ExpectedTime {
  const { bakeMs, settleMs, maxBakeMs } = gate;
  const rollouts = waves.length + gateways.length;
  const gatewaysMs = gateways.length * gatewayBakeMs(gate);
  return {
    leastMs: gatewaysMs + waves.length * (bakeMs + settleMs) + soakMs,
    mostMs: gatewaysMs + waves.length * (maxBakeMs + settleMs) + rollouts * pace.rolloutTimeoutMs + soakMs,
  };
}
