import { gatewayBakeMs } from './gate-settings.ts';
import type { Plan } from './plan.ts';

type Timed = Pick<Plan, 'waves' | 'gate' | 'soakMs' | 'pace' | 'gateways'>;

/** Milliseconds that an upgrade waits by its own rules; rollouts, whose time is not known before, come on top of the least. */
export interface ExpectedTime {
  /** Every wave passes as soon as it may. */
  leastMs: number;
  /** Every wave bakes to its end, and every rollout takes all the time that it has. */
  mostMs: number;
}

/**
 * From the move of the tag to the verdict on the canary: for so long a pod anywhere that restarts for another reason gets a proxy that
 * was not judged.
 */
export function unprovenTime({ waves, gate, soakMs, pace, gateways }: Timed): ExpectedTime {
  const time = expectedTime({ waves: waves.slice(0, 1), gate, soakMs, pace, gateways });
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
