import type {
  Evidence,
  FailureClass,
  GateEvidence,
  JudgedRatio,
  PartCounts,
  Traffic,
  ViewName,
} from '../model/evidence.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import { percent } from '../model/percent.ts';
import { type Amount, amountOfConnections, isAny, viewNames } from './connections/amount.ts';
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
    const isDrawn = failure === 'error' && decidingGate(evidence.gates) === view.name;
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
  const decides = failure === 'error' && evidence.mode === 'bake' && decidingGate(evidence.gates) === view.name;
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

/**
 * The gate that must have counted enough: what servers answered. Where they report nothing, and never did, that of their clients; then own
 * calls. Connections decide where there were always more of them than requests: a database may have a few requests besides.
 */
export function decidingGate(gates: Pick<GateEvidence, ViewName | 'tcpConnections'>): ViewName | 'tcpConnections' {
  const requests = (name: ViewName): Amount => ({
    now: gates[name].requests,
    before: gates[name].classes.error?.[0]?.normal.requests ?? 0,
  });
  const view = viewNames.find((name) => isAny(requests(name)));
  const connections = amountOfConnections(gates.tcpConnections);
  if (view === undefined) return isAny(connections) ? 'tcpConnections' : 'serverSide';
  const { now, before } = requests(view);
  const isMore = before + connections.before > 0 ? before >= connections.before : now >= connections.now;
  return isMore ? view : 'tcpConnections';
}

/** `1.1 % (22 of 2000 requests), usually 0.1 %`, at most `0.21 % now: 4 of them`. */
export function judgementOf(
  label: string,
  { part, normal }: PartCounts,
  { verdict, own, limit, aloneAbove }: PartJudgement,
  { minRequests }: Pick<GateSettings, 'minRequests'>,
  noun: 'requests' | 'connections' = 'requests',
): Judgement {
  const at = { label, verdict, ...(part !== undefined && { part }), ...(aloneAbove && { isUnclear: aloneAbove }) };
  if (own.requests === 0 || (verdict === 'inconclusive' && own.requests < minRequests && aloneAbove === undefined))
    return { ...at, value: `${Math.round(own.requests)} ${noun}`, limit: `${minRequests} ${noun}` };
  const usual = normal.requests === 0 ? 'no history' : `usually ${percent(normal.errors / normal.requests)}`;
  const alone = aloneAbove ? ', and no rest of the mesh to compare it with' : '';
  return {
    ...at,
    value: `${percent(own.errors / own.requests)} (${Math.round(own.errors)} of ${Math.round(own.requests)} ${noun}), ${usual}${alone}`,
    limit: `${percent(limit)} now (${Math.floor(limit * own.requests)} ${noun})`,
  };
}
