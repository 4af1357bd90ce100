import type { Evidence, GateEvidence, JudgedEvidence } from '../model/evidence.ts';
import { evidenceOf } from './gates/gates.ts';
import { trafficIn } from './judge.ts';

/**
 * A verdict as it stands in a journal, whichever release wrote it. Until 0.1.0 its answers were called findings, and what the
 * gates had counted lay beside the facts, each number under its own name. A gate that a release did not have has counted
 * nothing.
 */
export function readVerdict(stored: StoredVerdict): JudgedEvidence {
  const { verdict, reason, at, evidence } = stored;
  const whileReplaced = 'whileReplaced' in stored ? stored.whileReplaced : undefined;
  const { wave, mode, since, until, readyAt, pods, distrust } = evidence;
  const known = 'gates' in evidence ? (evidence.gates as Partial<GateEvidence>) : gatesOf(evidence);
  const gates = evidenceOf((gate, name) => known[name] ?? gate.nothing);
  return {
    verdict,
    reason,
    at,
    answers: 'answers' in stored ? stored.answers : stored.findings,
    traffic: trafficIn({ gates }),
    evidence: { wave, mode, since, until, readyAt, pods, gates, distrust },
    ...(whileReplaced && { whileReplaced }),
  };
}

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
