import type { Evidence } from '../../src/model/evidence.ts';
import type { GateSettings } from '../../src/model/gate-settings.ts';

export const gateSettings: GateSettings = {
  intervalMs: 15_000,
  settleMs: 30_000,
  bakeMs: 600_000,
  maxBakeMs: 1_800_000,
  telemetryTimeoutMs: 600_000,
  watchMs: 300_000,
  minRequests: 100,
  errorRatioMax: 0.01,
  xdsRejectsMax: 0,
  injectionFailuresMax: 0,
  labels: { namespace: 'namespace', pod: 'pod' },
  checks: [],
};

/** A healthy look at a wave of two pods, with what a test changes. */
export function evidenceWith(changes: Partial<Evidence>): Evidence {
  const healthy = { requests: 10_000, errors: 10, worst: [], namespaces: [] };
  return {
    wave: 'canary',
    mode: 'bake',
    since: 0,
    until: 600_000,
    readyAt: 0,
    pods: 2,
    podsSeen: 2,
    serverSide: healthy,
    clientSide: healthy,
    outbound: healthy,
    xdsRejects: 0,
    injectionFailures: 0,
    controlPlaneSeen: true,
    checks: [],
    distrust: [],
    ...changes,
  };
}
