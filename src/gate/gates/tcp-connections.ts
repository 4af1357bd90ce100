import { type Connections, type Count, noConnections, type Sending, type ViewName } from '../../model/evidence.ts';
import type { GateSettings } from '../../model/gate-settings.ts';
import { percent } from '../../model/percent.ts';
import { viewOfConnections } from '../connections/amount.ts';
import { countConnections } from '../connections/count-connections.ts';
import { isFailed } from '../connections/endings.ts';
import { connectionsOfPods } from '../connections/questions.ts';
import { connectionRules } from '../connections/rules.ts';
import type { Gate, Judgement } from '../gate.ts';
import { decidingGate, judgementOf, worthSaying } from '../judge-traffic.ts';
import { gone, less, missingElsewhere } from '../missing.ts';
import { ratioOf } from '../ratio-of.ts';
import { redBeforeStart } from '../red-before-start.ts';
import { judgePart, type PartJudgement } from '../root/judge-part.ts';

/**
 * TCP connections, of which there are no requests: those that fail are judged like requests. A wave that has nothing else needs as many of them
 * as another needs requests, or, since databases keep a few open for days, as many bytes as ever. A server that refuses connections by
 * policy leaves no flag: then the bytes are missing.
 */
export const tcpConnections: Gate<Connections> = {
  label: 'TCP connections',
  about: 'traffic',
  nothing: noConnections,
  traffic: {
    label: 'TCP connections',
    counts: 'connections',
    of: (connections) => connections.opened[viewOfConnections(connections)],
  },
  count: countConnections,
  judge: (connections, settings, evidence) => {
    const decides = evidence.mode === 'bake' && decidingGate(evidence.gates) === 'tcpConnections';
    const deciding = decides ? viewOfConnections(connections) : undefined;
    const failed = views.flatMap((view) =>
      worthSaying(connections.views[view] ?? [], evidence).flatMap((part): Judgement[] => {
        const judged = judgePart(part, connectionRules(settings, evidence, view === deciding));
        if (part.part !== undefined && judged.verdict === 'pass') return [];
        if (view === deciding && part.part === undefined && isFew(judged, settings))
          return [judgeByBytes(judged, connections.bytes, settings)];
        if (judged.own.errors === 0 && view !== deciding) return [];
        return [judgementOf(words[view], part, judged, settings, 'connections')];
      }),
    );
    // Of pods that are not scraped it is unknown what they send.
    const isSeen = evidence.gates.freshness >= evidence.pods;
    const isDue = decides && connections.isBytesDue && settings.maxBakeMs >= 2 * settings.watchMs;
    return [...failed, ...(isSeen ? connections.bytes.flatMap(missing) : []), ...(isDue ? [due(settings)] : [])];
  },
  ratios: (connections, settings, evidence) => {
    const isDrawn = decidingGate(evidence.gates) === 'tcpConnections';
    const deciding = viewOfConnections(connections);
    return views.flatMap((view) => {
      const rules = connectionRules(settings, evidence, isDrawn && view === deciding && evidence.mode === 'bake');
      const judged = worthSaying(connections.views[view] ?? [], evidence).map((part) => ({
        part,
        judged: judgePart(part, rules),
      }));
      const ratio = ratioOf(words[view], judged, settings);
      const isSaid = ratio !== undefined && (ratio.errors > 0 || ratio.worst !== undefined);
      return ratio !== undefined && (isSaid || (isDrawn && view === deciding)) ? [ratio] : [];
    });
  },
  // Whether connections are counted at all, the checks of what the gate sees ask for every wave.
  inspect: (beforehand) => [
    redBeforeStart(
      { what: 'TCP connections', inTime: (ms) => connectionsOfPods(ms, beforehand), isFailed },
      beforehand,
    ),
  ],
};

const words = {
  serverSide: "TCP connections that the wave's applications did not take",
  clientSide: 'TCP connections that did not reach a server',
  outbound: 'own TCP connections that failed',
} as const satisfies Record<ViewName, string>;

const views = Object.keys(words) as readonly ViewName[];

const isFew = ({ verdict, own, aloneAbove }: PartJudgement, { minRequests }: GateSettings): boolean =>
  verdict === 'inconclusive' && own.requests < minRequests && aloneAbove === undefined;

/** Too few connections prove nothing by themselves: they pass if none fails more than usual and the wave sends as much as before. */
function judgeByBytes(
  { own, limit }: PartJudgement,
  bytes: readonly Sending[],
  { minRequests }: GateSettings,
): Judgement {
  const all = bytes.find(({ part }) => part === undefined);
  const isAlive = all !== undefined && all.left >= less * all.least;
  const sent =
    all === undefined ? '' : `, and ${size(all.left)} sent in ${minutes(all)}, at least ${size(all.least)} before`;
  return {
    verdict: isAlive && own.errors <= limit * own.requests ? 'pass' : 'inconclusive',
    value: `${describeFew(own)}${sent}`,
    limit:
      all === undefined ? `${minRequests} connections` : `${minRequests} connections, or ${size(less * all.least)}`,
  };
}

const describeFew = ({ requests, errors }: Count) =>
  `${Math.round(errors)} of ${Math.round(requests)} connections failed`;

function missing({ part, left, least, ms, rest }: Sending): readonly Judgement[] {
  if (part === undefined || left > gone * least) return [];
  const { isElsewhere, why } = missingElsewhere(rest);
  return [
    {
      label: 'bytes missing on TCP connections',
      verdict: isElsewhere ? 'inconclusive' : 'fail',
      part,
      value: `${size(left)} in ${minutes({ ms })}, ${percent(left / least)} of the least of the hours before${why}`,
      limit: `${percent(gone)} of ${size(least)}`,
    },
  ];
}

/** Servers that refuse by policy leave no flag, so a pass waits for the bytes that a wave has always sent. */
const due = ({ watchMs }: GateSettings): Judgement => ({
  label: 'bytes on TCP connections',
  verdict: 'inconclusive',
  value: `not ${minutes({ ms: watchMs })} of them yet`,
  limit: `${minutes({ ms: watchMs })} after the start`,
});

const minutes = ({ ms }: { ms: number }): string => `${Number((ms / 60_000).toPrecision(2))} min`;

/** `1.2 MB` */
function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(2))} ${units[power]}`;
}
