import type { Plan } from '../../src/model/plan.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { aFinding } from '../model/a-finding.ts';

/** A run whose canary failed and that rolled back, with every part that a page can show. `text` gives each name and message. */
export function failedRun(text: (name: string) => string = (name) => name): RunReport {
  const zero = Date.UTC(2026, 10, 23, 3);
  const [from, to, wave] = [text('1-30-4'), text('1-31-0'), text('canary')];
  const plan = {
    versions: { from: text('1.30.4'), to: text('1.31.0') },
    tag: text('default'),
    from,
    to,
    waves: [{ name: wave, namespaces: [text('bar')] }],
    gate: { errorRatioMax: 0.01 },
  } as unknown as Plan;
  const stage = { durationMs: 2_000, direction: 'forward', done: true, proof: text('proven') } as const;
  const finding = { message: text('found'), objects: [text('bar/bar')], fix: text('look there') };
  const counted = { requests: 1_000, errors: 50 };
  const none = { requests: 0, errors: 0 };
  const [errors, refused, workload] = [text('server-side errors'), text('refused'), text('bar/checkout')];
  const usual = { ratio: 0.001, most: 0.0012 };
  const judged = { requests: 1_000, limit: 0.01, rest: 0.0011 };
  const look = { wave, mode: 'bake', reason: text('baking'), verdict: text('hold') } as const;
  return {
    schema: 1,
    outcome: {
      kind: 'rolled-back',
      message: text('Everything runs 1-30-4 again.'),
      stage: 'restart-waves',
      wave,
      verdict: 'fail',
      revision: from,
      problems: [],
      reason: 'GATE_FAILED',
      next: text('istio-canary-upgrade status'),
    },
    plan,
    startedAt: zero,
    durationMs: 100_000,
    stages: [
      { ...stage, number: 2, name: 'install', title: text('Install'), startedAt: zero },
      { ...stage, number: 3, name: 'move-tag', title: text('Move the tag'), startedAt: zero + 2_000 },
      {
        ...stage,
        number: 6,
        name: 'judge-canary',
        title: text('Judge'),
        startedAt: zero + 8_000,
        durationMs: 80_000,
        done: false,
        proof: '',
        waitedFor: text('a verdict'),
      },
      {
        ...stage,
        number: 3,
        name: 'move-tag-back',
        title: text('Move it back'),
        startedAt: zero + 88_000,
        direction: 'back',
      },
    ],
    effects: [
      { effect: text('install istiod'), startedAt: zero + 100, durationMs: 1_800, failed: false },
      { effect: text('restart bar'), startedAt: zero + 8_000, durationMs: 5, failed: true },
    ],
    verdicts: [{ wave, verdict: 'fail', reason: text('errors 5 %, limit 1 %'), at: zero + 88_000 }],
    waves: [
      {
        name: wave,
        namespaces: [text('bar')],
        state: text('fail'),
        reason: text('errors'),
        checks: [{ check: text('errors'), verdict: 'fail', value: text('5 %'), limit: text('1 %') }],
        whileReplaced: { requests: 900, errors: 3, flags: { [text('UC')]: 3 }, durationMs: 42_000 },
      },
    ],
    phases: [{ wave, phase: 'bake', startedAt: zero + 8_000, durationMs: 80_000, verdict: 'fail' }],
    samples: {
      pods: [
        { at: zero, pods: { [from]: 3 } },
        { at: zero + 8_000, pods: { [from]: 2, [to]: 1, [text('1-29-0')]: 1 } },
      ],
      views: [
        { gate: 'serverSide', label: text('as its pods counted it') },
        { gate: 'clientSide', label: text('as its clients saw it') },
        { gate: 'outbound', label: text('calls that it made itself') },
      ],
      gate: [
        {
          ...look,
          at: zero + 10_000,
          counted: { serverSide: none, clientSide: none, outbound: none },
          judged: {},
        },
        {
          ...look,
          at: zero + 50_000,
          counted: { serverSide: counted, clientSide: counted, outbound: counted },
          judged: { [errors]: { ...judged, errors: 2 } },
        },
        {
          ...look,
          at: zero + 88_000,
          counted: { serverSide: counted, clientSide: { ...counted, errors: 500 }, outbound: counted },
          judged: {
            [errors]: {
              ...judged,
              errors: 50,
              limit: 0.0023,
              red: 'fail',
              worst: { part: workload, requests: 100, errors: 45, limit: 0.003, red: 'fail' },
            },
            [refused]: { requests: 1_000, errors: 3, limit: 0.0006 },
          },
        },
      ],
      usual: { [wave]: { [errors]: usual } },
      queries: {
        [wave]: [
          { query: text('sum(istio_requests_total)'), at: zero },
          { query: text('sum(istio_requests_total)'), at: zero, from: zero - 3_600_000, stepMs: 900_000 },
        ],
      },
    },
    findings: [aFinding(text('GATE_FAILED'), finding), aFinding(text('REMARK'), { ...finding, severity: 'notes' })],
    cost: {
      requests: { [text('patch')]: 4 },
      restartedWorkloads: 2,
      requestsPerRestart: 3,
      requestsPerRestartWhileRestarting: 1.5,
      failToTagBackMs: 274,
    },
  };
}
