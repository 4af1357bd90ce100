import { gateDefaults } from '../../harness/rehearsal/model/gate-defaults.ts';
import type { Count, Evidence, GateEvidence, Normal, Traffic } from '../../src/model/evidence.ts';
import { noConnections } from '../../src/model/evidence.ts';
import type { GateSettings } from '../../src/model/gate-settings.ts';

/** The defaults, but that a run waits no longer for telemetry than the bake takes. */
export const gateSettings: GateSettings = { ...gateDefaults, telemetryTimeoutMs: gateDefaults.bakeMs };

/** For a Prometheus that a test expects to be asked for moments only. */
export const noRanges = { range: () => Promise.reject(new Error('a range was asked for')) };

/** A snapshot of one wave, with the numbers of its gates beside its facts. */
export type Changes = Partial<Omit<Evidence, 'gates'> & GateEvidence>;

/** A healthy snapshot of a wave of two pods, with what a test changes. */
export function evidenceWith(changes: Changes): Evidence {
  const {
    freshness,
    serverSide,
    clientSide,
    outbound,
    tcpConnections,
    slowRequests,
    missingTraffic,
    controlPlane,
    xdsRejects,
    injectionFailures,
    checks,
    ...facts
  } = changes;
  const healthy = trafficOf(10_000, 10);
  return {
    wave: 'canary',
    mode: 'bake',
    since: 0,
    until: 630_000,
    readyAt: 0,
    pods: 2,
    workloads: 1,
    distrust: [],
    ...facts,
    gates: {
      freshness: freshness ?? 2,
      serverSide: serverSide ?? healthy,
      clientSide: clientSide ?? healthy,
      outbound: outbound ?? healthy,
      tcpConnections: tcpConnections ?? noConnections,
      slowRequests: slowRequests ?? [],
      missingTraffic: missingTraffic ?? [],
      controlPlane: controlPlane ?? true,
      xdsRejects: xdsRejects ?? 0,
      injectionFailures: injectionFailures ?? 0,
      checks: checks ?? [],
    },
  };
}

/** Six hours of 0.1 % errors in 2.16 million requests, in a mesh that fails as much. */
export const usual: Normal = {
  requests: 2_160_000,
  errors: 2_160,
  dispersion: 1,
  followsRest: false,
  most: 0.001_044,
  rest: 0.001,
};
/** The rest of the mesh in a window. */
const steady: Count = { requests: 100_000, errors: 100 };

/** Requests of a wave since it settled, with errors of one class in it and in workloads. */
export function trafficOf(
  requests: number,
  errors: number,
  {
    normal = usual,
    rest = steady,
    workloads = {},
    failure = 'error',
  }: {
    normal?: Normal;
    rest?: Count;
    workloads?: Readonly<Record<string, Count & { normal?: Normal }>>;
    failure?: 'error' | 'refusal' | 'lost';
  } = {},
): Traffic {
  const none = [{ normal, windows: { settled: { own: { requests, errors: 0 }, rest } } }];
  const failing = [
    { normal, windows: { settled: { own: { requests, errors }, rest } } },
    ...Object.entries(workloads).map(([part, { normal: its = normal, ...own }]) => ({
      part,
      normal: its,
      windows: { settled: { own, rest } },
    })),
  ];
  return {
    requests,
    errors,
    worst: [],
    classes: { error: none, lost: none, refusal: none, [failure]: failing },
  };
}
