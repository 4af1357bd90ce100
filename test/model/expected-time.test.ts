import { describe, expect, it } from 'vitest';
import { expectedTime, unprovenTime } from '../../src/model/expected-time.ts';
import { gatewayBakeMs } from '../../src/model/gate-settings.ts';
import { plan } from '../mesh/world-fixtures.ts';

describe('the time in which a pod can get a proxy that was not judged', () => {
  const { gate, pace } = plan();
  const judgedMs = gatewayBakeMs(gate) + gate.settleMs;

  it('is that of the gateways and of the canary, whatever waves and soak come after', () => {
    const short = plan({ waves: plan().waves.slice(0, 1), soakMs: 0 });
    expect(unprovenTime(plan())).toEqual(expectedTime(short));
    expect(unprovenTime(plan())).toEqual({
      leastMs: judgedMs + gate.bakeMs,
      mostMs: judgedMs + gate.maxBakeMs + 2 * pace.rolloutTimeoutMs,
    });
  });

  it('is nothing where there is neither gateway nor wave', () => {
    expect(unprovenTime(plan({ waves: [], gateways: [] }))).toEqual({ leastMs: 0, mostMs: 0 });
  });
});
