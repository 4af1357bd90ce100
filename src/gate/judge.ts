import type { CheckAnswer, Evidence, JudgedEvidence, Traffic, Verdict } from '../model/evidence.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import { plausibleRatios } from './wilson.ts';

type Answer = JudgedEvidence['findings'][number];

/** Fewer requests than this say nothing, whatever became of them. */
const fewestRequests = 10;
/** Fewer failures than this do not make one among many namespaces stand out. */
const fewestFailures = 10;
/** How far beyond chance a ratio must be above its limit, in standard deviations: of a wave, and of one among its namespaces. */
const certainty = 3;
const certaintyOfOne = 5;

/**
 * Judges one look at one wave from counts, never from rates; asks nobody.
 * The order is the promise: bad numbers that arrived are a fail even when others are missing, missing numbers are never a
 * pass, and only a full bake with enough requests is one.
 * @param now the cluster's clock, Unix milliseconds
 * @returns `hold` when telemetry cannot be trusted now or the bake still runs; `inconclusive` when the longest bake is over
 */
export function judgeGate(evidence: Evidence, settings: GateSettings, now: number): JudgedEvidence {
  const findings = [
    ...traffic('server-side errors', evidence.serverSide, settings, true),
    ...traffic('client-side errors', evidence.clientSide, settings, false),
    ...traffic('errors of its own calls', evidence.outbound, settings, false),
    ...hidden('server-side errors', evidence.serverSide, settings),
    ...hidden('errors of its own calls', evidence.outbound, settings),
    ...controlPlane(evidence, settings),
    ...evidence.checks.flatMap(threshold),
  ];
  const conclude = (verdict: Verdict, reason: string): JudgedEvidence => ({
    verdict,
    reason,
    at: now,
    findings,
    evidence,
  });

  const failed = findings.filter(({ verdict }) => verdict === 'fail');
  const [worst, ...others] = failed;
  if (worst !== undefined)
    return conclude(
      'fail',
      `${worst.check} ${worst.value}, limit ${worst.limit}${others.length > 0 ? `, and ${others.length} more` : ''}`,
    );

  const bakedForMs = evidence.until - evidence.readyAt;
  const over = bakedForMs >= settings.maxBakeMs;
  const blind = blindness(evidence);
  if (blind !== undefined)
    return conclude(bakedForMs >= settings.bakeMs + settings.telemetryTimeoutMs ? 'inconclusive' : 'hold', blind);

  const unclear = findings.filter(({ verdict }) => verdict !== 'pass');
  if (bakedForMs < settings.bakeMs)
    return conclude(
      'hold',
      `baked ${seconds(bakedForMs)} of ${seconds(settings.bakeMs)}, ${evidence.serverSide.errors} of ${evidence.serverSide.requests} requests failed`,
    );
  if (unclear.length > 0)
    return conclude(
      over ? 'inconclusive' : 'hold',
      unclear.map(({ check, value, limit }) => `${check}: ${value}, needs ${limit}`).join('; '),
    );
  return conclude('pass', summary(findings));
}

/** Why the telemetry cannot be trusted; `undefined` when it can. */
function blindness({ distrust, podsSeen, pods }: Evidence): string | undefined {
  if (distrust.length > 0) return distrust.join('; ');
  if (pods === 0) return 'no pod of the wave runs the new revision';
  return podsSeen < pods ? `fresh samples of ${podsSeen} of ${pods} pods` : undefined;
}

function traffic(
  check: string,
  { requests, errors }: Traffic,
  settings: GateSettings,
  needsTraffic: boolean,
): Answer[] {
  const ratio = requests === 0 ? 0 : errors / requests;
  const value = `${percent(ratio)} of ${requests} requests`;
  const limit = percent(settings.errorRatioMax);
  if (requests >= fewestRequests && plausibleRatios({ errors, requests }, certainty).least > settings.errorRatioMax)
    return [{ check, verdict: 'fail', value, limit }];
  if (needsTraffic && requests < settings.minRequests)
    return [
      { check, verdict: 'inconclusive', value: `${requests} requests`, limit: `${settings.minRequests} requests` },
    ];
  // Above the limit, but chance could have done it: more requests will tell.
  return [{ check, verdict: ratio > settings.errorRatioMax ? 'inconclusive' : 'pass', value, limit }];
}

/**
 * A namespace that fails is not to hide behind the traffic of the others. One that failed as much before its wave is not the
 * upgrade's to mend. Each of a thousand namespaces is a chance to be wrong, so much more certainty is asked for.
 */
function hidden(check: string, { namespaces, ...all }: Traffic, settings: GateSettings): Answer[] {
  return namespaces.flatMap(({ namespace, requests, errors, before }): Answer[] => {
    if (requests === all.requests || errors < fewestFailures) return [];
    const was = before.requests === 0 ? 0 : plausibleRatios(before, certainty).most;
    const limit = Math.max(settings.errorRatioMax, was);
    if (plausibleRatios({ errors, requests }, certaintyOfOne).least <= limit) return [];
    return [
      {
        check: `${check} in ${namespace}`,
        verdict: 'fail',
        value: `${percent(errors / requests)} of ${requests} requests`,
        limit: percent(limit),
      },
    ];
  });
}

function controlPlane(evidence: Evidence, settings: GateSettings): Answer[] {
  if (!evidence.controlPlaneSeen)
    return [
      { check: 'control plane', verdict: 'hold', value: 'istiod is not scraped', limit: 'a sample of the new istiod' },
    ];
  const count = (check: string, value: number, max: number): Answer => ({
    check,
    verdict: value > max ? 'fail' : 'pass',
    value: String(value),
    limit: String(max),
  });
  return [
    count('configuration rejected by proxies', evidence.xdsRejects, settings.xdsRejectsMax),
    count('failed injections', evidence.injectionFailures, settings.injectionFailuresMax),
  ];
}

/** Every series must hold the limits: the worst decides, none is dropped. */
function threshold({ name, max, min, empty, values }: CheckAnswer): Answer[] {
  const limit = [max === undefined ? '' : `at most ${max}`, min === undefined ? '' : `at least ${min}`]
    .filter(Boolean)
    .join(' and ');
  if (values.length === 0)
    return empty === 'zero'
      ? threshold({ name, query: '', values: [{ labels: '', value: 0 }], empty, ...bounds(max, min) })
      : [{ check: name, verdict: 'hold', value: 'no series', limit }];
  const broken = values.find(
    ({ value }) => !Number.isNaN(value) && ((max !== undefined && value > max) || (min !== undefined && value < min)),
  );
  if (broken !== undefined)
    return [{ check: name, verdict: 'fail', value: `${show(broken.value)}${broken.labels}`, limit }];
  if (values.some(({ value }) => Number.isNaN(value))) return [{ check: name, verdict: 'hold', value: 'NaN', limit }];
  const worst = values.reduce((a, b) => (max !== undefined ? (b.value > a.value ? b : a) : b.value < a.value ? b : a));
  return [{ check: name, verdict: 'pass', value: show(worst.value), limit }];
}

const bounds = (max: number | undefined, min: number | undefined) => ({
  ...(max === undefined ? {} : { max }),
  ...(min === undefined ? {} : { min }),
});

const summary = (findings: readonly Answer[]): string =>
  findings.map(({ check, value, limit }) => `${check} ${value} (limit ${limit})`).join('; ');

const percent = (ratio: number): string => `${Number((ratio * 100).toPrecision(3))} %`;
const show = (value: number): string => String(Number(value.toPrecision(4)));
const seconds = (ms: number): string => `${Math.max(0, Math.round(ms / 1000))} s`;
