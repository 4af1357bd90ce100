import type { Evidence, FailureClass, GateEvidence, JudgedRatio, PartCounts, Traffic } from '../model/evidence.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import { percent } from '../model/percent.ts';
import { failureClasses } from './failures.ts';
import type { Judgement } from './gate.ts';
import { type JudgedPart, ratioOf } from './ratio-of.ts';
import { judgePart, type PartJudgement, type Rules } from './root/judge-part.ts';
import type { View } from './views.ts';

/** Three views of three classes of failures, slow requests, and TCP connections: so many numbers could each give a false alarm. */
const kinds = 3 * failureClasses.length + 2;

/** The rules of one look; only traffic that decides must be there. */
export const rulesOf = (
  settings: GateSettings,
  { workloads = 1 }: Pick<Evidence, 'workloads'>,
  decides = false,
): Rules => ({
  errorRatio: settings.errorRatioMax,
  minRequests: decides ? settings.minRequests : 0,
  kinds,
  workloads: Math.max(1, workloads),
});

/** Of each class the wave, then the workloads that fail. A class of which nothing failed is not worth a line, but for errors. */
export const judgeTraffic = (
  view: View,
  traffic: Traffic,
  settings: GateSettings,
  evidence: Evidence,
): readonly Judgement[] =>
  failureClasses.flatMap((failure) =>
    judgedParts(view, failure, traffic, settings, evidence).flatMap(({ part, judged }): Judgement[] => {
      if (part.part !== undefined && judged.verdict === 'pass') return [];
      // Where nothing failed in a class, the errors of the same requests say whether there were enough.
      const hasFailed = Object.values(part.windows).some(({ own }) => own.errors > 0);
      if (!hasFailed && (failure !== 'error' || (judged.verdict === 'pass' && judged.own.requests === 0))) return [];
      return [judgementOf(view.words[failure], part, judged, settings)];
    }),
  );

/** The same for charts. Where nothing fails, the errors of the view that decides are drawn. */
export const ratiosOfTraffic = (
  view: View,
  traffic: Traffic,
  settings: GateSettings,
  evidence: Evidence,
): readonly JudgedRatio[] =>
  failureClasses.flatMap((failure) => {
    const isDrawn = failure === 'error' && decidingView(evidence.gates) === view.name;
    const ratio = ratioOf(view.words[failure], judgedParts(view, failure, traffic, settings, evidence), settings);
    return ratio !== undefined && (isDrawn || ratio.errors > 0 || ratio.worst !== undefined) ? [ratio] : [];
  });

function judgedParts(
  view: View,
  failure: FailureClass,
  traffic: Traffic,
  settings: GateSettings,
  evidence: Evidence,
): readonly JudgedPart[] {
  // Only a pass takes a least number of requests.
  const decides = failure === 'error' && evidence.mode === 'bake' && decidingView(evidence.gates) === view.name;
  const rules = rulesOf(settings, evidence, decides);
  return worthSaying(traffic.classes[failure] ?? [], evidence).map((part) => ({
    part,
    judged: judgePart(part, rules),
  }));
}

/** A wave of one workload is that workload. */
export const worthSaying = (
  parts: readonly PartCounts[],
  { workloads }: Pick<Evidence, 'workloads'>,
): readonly PartCounts[] => (workloads === 1 ? parts.filter(({ part }) => part === undefined) : parts);

/** The view that must have enough requests: what servers counted. Where they report nothing, and never did, that of their clients; then own calls. */
export function decidingView(gates: Pick<GateEvidence, 'serverSide' | 'clientSide' | 'outbound'>): View['name'] {
  const has = ({ requests, classes }: Traffic) =>
    requests > 0 || (classes.error ?? []).some(({ normal }) => normal.requests > 0);
  return (['serverSide', 'clientSide', 'outbound'] as const).find((name) => has(gates[name])) ?? 'serverSide';
}

/** `1.1 % (22 of 2000 requests), usually 0.1 %`, at most `0.21 % now: 4 of them`. */
export function judgementOf(
  label: string,
  { part, normal }: PartCounts,
  { verdict, own, limit, aloneAbove }: PartJudgement,
  { minRequests }: Pick<GateSettings, 'minRequests'>,
): Judgement {
  const at = { label, verdict, ...(part !== undefined && { part }), ...(aloneAbove && { isUnclear: aloneAbove }) };
  if (own.requests === 0 || (verdict === 'inconclusive' && own.requests < minRequests && aloneAbove === undefined))
    return { ...at, value: `${Math.round(own.requests)} requests`, limit: `${minRequests} requests` };
  const usual = normal.requests === 0 ? 'no history' : `usually ${percent(normal.errors / normal.requests)}`;
  const alone = aloneAbove ? ', and no rest of the mesh to compare it with' : '';
  return {
    ...at,
    value: `${percent(own.errors / own.requests)} (${Math.round(own.errors)} of ${Math.round(own.requests)} requests), ${usual}${alone}`,
    limit: `${percent(limit)} now (${Math.floor(limit * own.requests)} requests)`,
  };
}
