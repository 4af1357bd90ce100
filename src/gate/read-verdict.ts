import type { Evidence, GateEvidence, JudgedEvidence, Traffic } from '../model/evidence.ts';
import { evidenceOf } from './gates/gates.ts';
import { trafficIn } from './judge.ts';

/**
 * A verdict as it stands in a journal, whichever release wrote it. Until 0.1.0 its answers were called findings, and what the
 * gates had counted lay beside the facts, each number under its own name. A gate that a release did not have has counted
 * nothing.
 */
export function readVerdict(stored: StoredVerdict): JudgedEvidence {
  const { verdict, reason, at, evidence } = stored;
  const { whileReplaced, observed } = { whileReplaced: undefined, observed: undefined, ...stored };
  const { wave, mode, since, until, readyAt, pods, workloads, empty, distrust } = evidence;
  const known = 'gates' in evidence ? (evidence.gates as Partial<GateEvidence>) : gatesOf(evidence);
  const counted = evidenceOf((gate, name) => known[name] ?? gate.nothing);
  const gates: GateEvidence = {
    ...counted,
    serverSide: withClasses(counted.serverSide),
    clientSide: withClasses(counted.clientSide),
    outbound: withClasses(counted.outbound),
  };
  return {
    verdict,
    reason,
    at,
    answers: 'answers' in stored ? stored.answers : stored.findings,
    traffic: trafficIn({ gates }),
    evidence: {
      wave,
      mode,
      since,
      until,
      readyAt,
      pods,
      ...(workloads !== undefined && { workloads }),
      ...(empty && { empty }),
      gates,
      distrust,
    },
    ...(observed && { observed }),
    ...(whileReplaced && { whileReplaced }),
  };
}

/** Releases before the classes counted requests by namespaces instead. */
const withClasses = ({
  requests,
  errors,
  worst,
  classes,
}: Traffic | (Omit<Traffic, 'classes'> & { classes?: Traffic['classes'] })): Traffic => ({
  requests,
  errors,
  worst,
  classes: classes ?? {},
});

type StoredVerdict = JudgedEvidence | EarlierVerdict;

export interface EarlierVerdict extends Pick<JudgedEvidence, 'verdict' | 'reason' | 'at'> {
  findings: JudgedEvidence['answers'];
  evidence: EarlierEvidence;
}

interface EarlierEvidence
  extends Omit<Evidence, 'gates'>,
    Pick<GateEvidence, 'serverSide' | 'clientSide' | 'outbound' | 'checks'> {
  podsSeen: number;
  controlPlaneSeen: boolean;
  xdsRejects: number;
  injectionFailures: number;
}

function gatesOf({ controlPlaneSeen, podsSeen, ...earlier }: EarlierEvidence): Partial<GateEvidence> {
  const { serverSide, clientSide, outbound, checks } = earlier;
  return {
    freshness: podsSeen,
    serverSide,
    clientSide,
    outbound,
    controlPlane: controlPlaneSeen,
    xdsRejects: controlPlaneSeen ? earlier.xdsRejects : 'unseen',
    injectionFailures: controlPlaneSeen ? earlier.injectionFailures : 'unseen',
    checks,
  };
}
