import type { Evidence, GateEvidence } from '../../src/model/evidence.ts';
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
  match: '',
  checks: [],
};

/** For a Prometheus that a test expects to be asked for moments only. */
export const noRanges = { range: () => Promise.reject(new Error('a range was asked for')) };

/** A snapshot of one wave, with the numbers of its gates beside its facts. */
export type Changes = Partial<Omit<Evidence, 'gates'> & GateEvidence>;

/** A healthy snapshot of a wave of two pods, with what a test changes. */
export function evidenceWith(changes: Changes): Evidence {
  const { freshness, serverSide, clientSide, outbound, controlPlane, xdsRejects, injectionFailures, checks, ...facts } =
    changes;
  const healthy = { requests: 10_000, errors: 10, worst: [], namespaces: [] };
  return {
    wave: 'canary',
    mode: 'bake',
    since: 0,
    until: 600_000,
    readyAt: 0,
    pods: 2,
    distrust: [],
    ...facts,
    gates: {
      freshness: freshness ?? 2,
      serverSide: serverSide ?? healthy,
      clientSide: clientSide ?? healthy,
      outbound: outbound ?? healthy,
      controlPlane: controlPlane ?? true,
      xdsRejects: xdsRejects ?? 0,
      injectionFailures: injectionFailures ?? 0,
      checks: checks ?? [],
    },
  };
}
