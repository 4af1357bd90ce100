import type {
  CountedTraffic,
  Evidence,
  GateAnswer,
  GateName,
  JudgedEvidence,
  JudgedRatio,
  Verdict,
} from '../model/evidence.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import { percent } from '../model/percent.ts';
import { elapsed } from '../report/render-event.ts';
import { type Judgement, type Subject, subjects } from './gate.ts';
import { ofEachGate } from './gates/gates.ts';
import { decidingGate } from './judge-traffic.ts';

/**
 * Judges the evidence of one wave from counts, never from rates; does not ask Prometheus.
 * The order is a promise: bad numbers that arrived are a fail even when others are missing, missing numbers are never a
 * pass, and only a full bake with enough requests is one.
 * @param now the cluster's clock, Unix milliseconds
 * @returns `hold` when telemetry cannot be trusted now or the bake still runs; `inconclusive` when the longest bake is over
 */
export function judgeGate(evidence: Evidence, settings: GateSettings, now: number): JudgedEvidence {
  const answered = evidence.empty ? [] : answersTo(evidence, settings);
  const answers = answered.map(({ answer }) => answer);
  const shown = { speaker: speakerOf(answered, evidence), ratios: ratiosIn(evidence, settings) };
  const traffic = trafficIn(evidence);
  const conclude = (verdict: Verdict, reason: string): JudgedEvidence => ({
    verdict,
    reason,
    at: now,
    answers,
    traffic,
    evidence,
    ...(settings.mode === 'observe' && { observed: true }),
    shown,
  });

  if (evidence.empty) return conclude('pass', 'it has no pods to judge: scaled to zero, without workloads, or waived');

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

  if (bakedForMs < settings.bakeMs)
    return conclude(
      'hold',
      progressOf(Math.max(0, bakedForMs), decidingIn(traffic, evidence), limitIn(evidence, settings), settings),
    );

  const unclear = answers.filter(({ verdict }) => verdict !== 'pass');
  if (unclear.length > 0)
    return conclude(
      bakedForMs >= settings.maxBakeMs ? 'inconclusive' : 'hold',
      unclear.map(({ check, value, limit }) => `${check}: ${value}, needs ${limit}`).join('; '),
    );
  return conclude('pass', answers.map(({ check, value, limit }) => `${check} ${value} (limit ${limit})`).join('; '));
}

interface Answered {
  gate: GateName;
  answer: GateAnswer;
}

/** Subject by subject, and of each first what concerns the whole wave. */
function answersTo(evidence: Evidence, settings: GateSettings): readonly Answered[] {
  const { gates } = evidence;
  const rank = (about: Subject, { part }: Judgement) => 2 * subjects.indexOf(about) + (part === undefined ? 0 : 1);
  return ofEachGate(({ label, about, judge }, name) =>
    judge(gates[name], settings, evidence).map((judgement) => ({
      rank: rank(about, judgement),
      gate: name,
      answer: answerOf(label, judgement),
    })),
  )
    .flat()
    .sort((a, b) => a.rank - b.rank)
    .map(({ gate, answer }) => ({ gate, answer }));
}

/** The gate that decided: the first that fails, else the first that does not pass, else the one that must have enough requests. */
function speakerOf(answered: readonly Answered[], { gates }: Pick<Evidence, 'gates'>): GateName {
  const first = (is: (answer: GateAnswer) => boolean) => answered.find(({ answer }) => is(answer))?.gate;
  return (
    first(({ verdict }) => verdict === 'fail') ?? first(({ verdict }) => verdict !== 'pass') ?? decidingGate(gates)
  );
}

const ratiosIn = (evidence: Evidence, settings: GateSettings): readonly JudgedRatio[] =>
  ofEachGate((gate, name) => gate.ratios?.(evidence.gates[name], settings, evidence) ?? []).flat();

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

/** What the gates that count requests or connections have counted. */
export function trafficIn({ gates }: Pick<Evidence, 'gates'>): readonly CountedTraffic[] {
  return ofEachGate(({ traffic }, name): CountedTraffic[] => {
    const { requests, errors } = traffic?.of(gates[name]) ?? {};
    if (traffic === undefined || requests === undefined || errors === undefined) return [];
    const { label, counts } = traffic;
    return [{ gate: name, label, ...(counts && { counts }), requests, errors }];
  }).flat();
}

/** Gateways serve nothing themselves: of them the calls that they make are told. */
const decidingIn = (traffic: readonly CountedTraffic[], { gates }: Pick<Evidence, 'gates'>) =>
  traffic.find(({ gate }) => gate === decidingGate(gates));

/** Of the gate that decides, as it is at this look. */
const limitIn = (evidence: Evidence, settings: GateSettings): string =>
  ofEachGate(({ ratios }, name) =>
    name === decidingGate(evidence.gates) ? (ratios?.(evidence.gates[name], settings, evidence) ?? []) : [],
  )
    .flat()
    .slice(0, 1)
    .map(({ limit }) => ` (limit ${percent(limit)})`)
    .join('');

const grouped = (count: number): string => count.toLocaleString('en');

/** `baking 0:18 of 5:00, 0 of 1,240 requests failed (limit 0.2 %), about 4:42 to go` */
function progressOf(
  bakedForMs: number,
  deciding: CountedTraffic | undefined,
  limit: string,
  { bakeMs }: Pick<GateSettings, 'bakeMs'>,
): string {
  const failed =
    deciding === undefined
      ? ''
      : `, ${grouped(deciding.errors)} of ${grouped(deciding.requests)} ${deciding.counts ?? 'requests'} failed${limit}`;
  return `baking ${elapsed(bakedForMs)} of ${elapsed(bakeMs)}${failed}, about ${elapsed(bakeMs - bakedForMs)} to go`;
}
