import { describe, expect, it } from 'vitest';
import type { JudgedEvidence, Traffic } from '../../src/model/evidence.ts';
import { redVerdict } from '../../src/rollout/wave-progress.ts';
import { evidenceWith, trafficOf } from '../gate/gate-fixtures.ts';

const withWorst = (pod: string, requests: number, errors: number): Traffic => ({
  ...trafficOf(requests, errors),
  worst: [{ pod, requests, errors }],
});
const none = trafficOf(0, 0);
const podsOf = (gates: { serverSide: Traffic; clientSide: Traffic; outbound: Traffic }) => {
  const judged: JudgedEvidence = {
    verdict: 'fail',
    reason: 'too many',
    at: 0,
    answers: [],
    traffic: [],
    evidence: evidenceWith(gates),
  };
  return redVerdict('canary', judged)[0]?.objects;
};

describe('a failed verdict', () => {
  it.for([
    {
      where: 'at the servers',
      gates: { serverSide: withWorst('bar/a', 100, 20), clientSide: withWorst('foo/b', 200, 20), outbound: none },
      pods: ['bar/a: 20 of 100 requests failed'],
    },
    {
      where: 'in own calls, beside one error at a server',
      gates: { serverSide: withWorst('bar/a', 1_000, 1), clientSide: none, outbound: withWorst('bar/c', 100, 10) },
      pods: ['bar/c: 10 of 100 requests failed'],
    },
    { where: 'nowhere', gates: { serverSide: none, clientSide: none, outbound: none }, pods: [] },
  ])('names the pods that fail most $where', ({ gates, pods }) => {
    expect(podsOf(gates)).toEqual(pods);
  });
});
