import { gatewayBakeMs } from './gate-settings.ts';
import type { Plan } from './plan.ts';

/** Milliseconds that an upgrade waits by its own rules; rollouts, whose time is not known before, come on top of the least. */
export interface ExpectedTime {
  /** Every wave passes as soon as it may. */
  leastMs: number;
  /** Every wave bakes to its end, and every rollout takes all the time that it has. */
  mostMs: number;
}

export function expectedTime({ waves, gate, soakMs, pace, gateways }: Plan): ExpectedTime {
  const { bakeMs, settleMs, maxBakeMs } = gate;
  const rollouts = waves.length + gateways.length;
  const gatewaysMs = gateways.length * gatewayBakeMs(gate);
  return {
    leastMs: gatewaysMs + waves.length * (bakeMs + settleMs) + soakMs,
    mostMs: gatewaysMs + waves.length * (maxBakeMs + settleMs) + rollouts * pace.rolloutTimeoutMs + soakMs,
  };
}
