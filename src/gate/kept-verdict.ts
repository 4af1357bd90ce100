import type { CheckAnswer, Connections, GateEvidence, JudgedEvidence, PartCounts, Traffic } from '../model/evidence.ts';

/** Enough to see what a check found; a check may answer with one series for each pod. */
const valuesMax = 20;

/** Workloads of each class of failures that the journal keeps. */
const partsMax = 5;

/** A verdict as the journal keeps it: of each check the worst series, since a check may answer with one for each of ten thousand pods, and of each class the worst workloads. */
export function keptVerdict({ shown: _shown, ...judged }: JudgedEvidence): JudgedEvidence {
  const { queries: _queries, ...evidence } = judged.evidence;
  const { gates } = evidence;
  const checks = gates.checks.map((answer) => ({ ...answer, values: worstOf(answer) }));
  const kept: GateEvidence = {
    ...gates,
    serverSide: keptTraffic(gates.serverSide),
    clientSide: keptTraffic(gates.clientSide),
    outbound: keptTraffic(gates.outbound),
    tcpConnections: keptConnections(gates.tcpConnections),
    slowRequests: keptParts(gates.slowRequests),
    missingTraffic: gates.missingTraffic.slice(0, partsMax),
    checks,
  };
  return { ...judged, evidence: { ...evidence, gates: kept } };
}

const keptTraffic = (traffic: Traffic): Traffic => ({
  ...traffic,
  classes: Object.fromEntries(Object.entries(traffic.classes).map(([failure, parts]) => [failure, keptParts(parts)])),
});

/** Of the bytes the wave, and the workloads that send least of what they sent. */
const keptConnections = ({ bytes, views, ...kept }: Connections): Connections => ({
  ...kept,
  views: Object.fromEntries(Object.entries(views).map(([view, parts]) => [view, keptParts(parts)])),
  bytes: bytes
    .toSorted(
      (a, b) => Number(a.part !== undefined) - Number(b.part !== undefined) || a.left / a.least - b.left / b.least,
    )
    .slice(0, partsMax),
});

/** The wave, and the workloads with most failures. */
function keptParts(parts: readonly PartCounts[]): readonly PartCounts[] {
  const failures = ({ windows }: PartCounts) => Math.max(0, ...Object.values(windows).map(({ own }) => own.errors));
  const [waves, workloads] = [
    parts.filter(({ part }) => part === undefined),
    parts.filter(({ part }) => part !== undefined),
  ];
  return [...waves, ...workloads.toSorted((a, b) => failures(b) - failures(a)).slice(0, partsMax)];
}

/** Farthest beyond a limit, or nearest to it, first. What is not a number says most. */
function worstOf({ values, max, min }: CheckAnswer): CheckAnswer['values'] {
  const badness = (value: number): number =>
    Number.isNaN(value)
      ? Number.POSITIVE_INFINITY
      : Math.max(
          max === undefined ? Number.NEGATIVE_INFINITY : value - max,
          min === undefined ? Number.NEGATIVE_INFINITY : min - value,
        );
  return values.length <= valuesMax
    ? values
    : values.toSorted((a, b) => badness(b.value) - badness(a.value)).slice(0, valuesMax);
}
