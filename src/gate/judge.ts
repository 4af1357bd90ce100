import type { CountedTraffic, Evidence, GateAnswer, JudgedEvidence, Verdict } from '../model/evidence.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import { elapsed } from '../report/render-event.ts';
import { type Judgement, type Subject, subjects } from './gate.ts';
import { ofEachGate } from './gates/gates.ts';

/**
 * Judges the evidence of one wave from counts, never from rates; does not ask Prometheus.
 * The order is a promise: bad numbers that arrived are a fail even when others are missing, missing numbers are never a
 * pass, and only a full bake with enough requests is one.
 * @param now the cluster's clock, Unix milliseconds
 * @returns `hold` when telemetry cannot be trusted now or the bake still runs; `inconclusive` when the longest bake is over
 */
export function judgeGate(evidence: Evidence, settings: GateSettings, now: number): JudgedEvidence {
  const answers = answersTo(evidence, settings);
  const traffic = trafficIn(evidence);
  const conclude = (verdict: Verdict, reason: string): JudgedEvidence => ({
    verdict,
    reason,
    at: now,
    answers,
    traffic,
    evidence,
  });

  const [worst, ...others] = answers.filter(({ verdict }) => verdict === 'fail');
  if (worst !== undefined)
    return conclude(
      'fail',
      `${worst.check} ${worst.value}, limit ${worst.limit}${others.length > 0 ? `, and ${others.length} more` : ''}`,
    );

  if (evidence.mode === 'moving') return conclude('hold', 'its pods are being replaced');
  // Only what has settled counts as baked: the newest samples may not be all there.
  const bakedForMs = evidence.until - settings.settleMs - evidence.readyAt;
  const blind = blindness(evidence);
  if (blind !== undefined)
    return conclude(bakedForMs >= settings.bakeMs + settings.telemetryTimeoutMs ? 'inconclusive' : 'hold', blind);

  if (bakedForMs < settings.bakeMs) return conclude('hold', progressOf(Math.max(0, bakedForMs), traffic, settings));

  const unclear = answers.filter(({ verdict }) => verdict !== 'pass');
  if (unclear.length > 0)
    return conclude(
      bakedForMs >= settings.maxBakeMs ? 'inconclusive' : 'hold',
      unclear.map(({ check, value, limit }) => `${check}: ${value}, needs ${limit}`).join('; '),
    );
  return conclude('pass', answers.map(({ check, value, limit }) => `${check} ${value} (limit ${limit})`).join('; '));
}

/** Subject by subject, and of each first what concerns the whole wave. */
function answersTo(evidence: Evidence, settings: GateSettings): readonly GateAnswer[] {
  const { gates } = evidence;
  const rank = (about: Subject, { part }: Judgement) => 2 * subjects.indexOf(about) + (part === undefined ? 0 : 1);
  return ofEachGate(({ label, about, judge }, name) =>
    judge(gates[name], settings, evidence).map((judgement) => ({
      rank: rank(about, judgement),
      answer: answerOf(label, judgement),
    })),
  )
    .flat()
    .sort((a, b) => a.rank - b.rank)
    .map(({ answer }) => answer);
}

function answerOf(gate: string, { label = gate, part, verdict, value, limit, isUnclear }: Judgement): GateAnswer {
  return {
    check: part === undefined ? label : `${label} of ${part}`,
    verdict,
    value,
    limit,
    ...(isUnclear && { isUnclear }),
  };
}

/** Why the telemetry cannot be trusted; `undefined` when it can. */
function blindness(evidence: Evidence): string | undefined {
  if (evidence.distrust.length > 0) return evidence.distrust.join('; ');
  return ofEachGate(({ blindness }, name) => blindness?.(evidence.gates[name], evidence)).find(
    (reason) => reason !== undefined,
  );
}

/** What the gates that count requests have counted. */
export function trafficIn({ gates }: Pick<Evidence, 'gates'>): readonly CountedTraffic[] {
  return ofEachGate(({ traffic }, name): CountedTraffic[] => {
    if (traffic === undefined) return [];
    const { requests, errors } = traffic.of(gates[name]);
    return [{ gate: name, label: traffic.label, requests, errors }];
  }).flat();
}

/** `baking 0:18 of 5:00, 0 of 1240 requests failed, about 4:42 to go` */
function progressOf(bakedForMs: number, [deciding]: readonly CountedTraffic[], { bakeMs }: GateSettings): string {
  const failed = deciding === undefined ? '' : `, ${deciding.errors} of ${deciding.requests} requests failed`;
  return `baking ${elapsed(bakedForMs)} of ${elapsed(bakeMs)}${failed}, about ${elapsed(bakeMs - bakedForMs)} to go`;
}
