import { describe, expect, it } from 'vitest';
import type { UnhealthyBefore } from '../../src/model/marks.ts';
import { unfinished } from '../../src/model/restart-mark.ts';
import type { Trouble, Workload } from '../../src/model/world.ts';
import { blame, blameTable } from '../../src/rollout/blame.ts';
import { New, noMarks, Old, plan, rolledOut, workload } from '../mesh/world-fixtures.ts';

const hash = workload('n').template.hash;
const restarted = { restartedBy: { runId: 'run1', direction: 'forward' as const, template: hash } };
const rolling = { ...rolledOut, complete: false, waitingFor: '1 of 2 pods ready', ready: 1 };

interface Case {
  /** The text of the row that decides. */
  row: string;
  trouble: Partial<Trouble>;
  of?: Partial<Workload>;
  stillMs?: number;
  before?: UnhealthyBefore;
  code: string | undefined;
}

const app = { name: 'app', failedBefore: false, restarts: 3 };
const proxy = { name: 'istio-proxy', failedBefore: false, restarts: 3 };
const crash = { container: app, reason: 'CrashLoopBackOff', forMs: 120_000 };
const before = (desired: number, ready: number): UnhealthyBefore => ({
  workloads: { 'Deployment n/n': { desired, ready } },
  more: 0,
});

const found = ({ trouble, of = {}, stillMs = 0, before: unhealthyBefore }: Omit<Case, 'row' | 'code'>) => {
  const own = workload('n', 'n', { ...restarted, rollout: rolling, ...of });
  return blame(
    {
      what: 'starting',
      workload: own.id,
      pod: 'n-1',
      revision: New,
      reason: '',
      message: '',
      forMs: 0,
      ...trouble,
    },
    own,
    {
      marks: { ...noMarks, ...(unhealthyBefore && { unhealthyBefore }) },
      stillFor: new Map([[own.id, stillMs]]),
    },
    plan(),
  );
};

const cases: readonly Case[] = [
  {
    row: 'no node has room for the pod',
    trouble: { what: 'waiting', reason: 'Unschedulable', forMs: 179_000 },
    code: undefined,
  },
  {
    row: 'no node has room for the pod',
    trouble: { what: 'waiting', reason: 'Unschedulable', forMs: 180_000 },
    code: 'NO_ROOM',
  },
  { row: 'the node of the pod does not report', trouble: { what: 'node-lost', forMs: 59_000 }, code: undefined },
  { row: 'the node of the pod does not report', trouble: { what: 'node-lost', forMs: 60_000 }, code: 'NODE_LOST' },
  { row: 'the pod before it does not end', trouble: { what: 'ending', revision: Old }, code: 'POD_DOES_NOT_END' },
  {
    row: 'a pod with the proxy that is to be left does not come up, and nothing moves',
    trouble: { ...crash, container: proxy, revision: Old },
    stillMs: 29_000,
    code: undefined,
  },
  {
    row: 'a pod with the proxy that is to be left does not come up, and nothing moves',
    trouble: { ...crash, container: proxy, revision: Old },
    stillMs: 30_000,
    code: 'WORKLOAD_BROKEN',
  },
  {
    row: 'a container fails, and fails in the same way in pods with the old proxy',
    trouble: { ...crash, container: { ...app, failedBefore: true }, forMs: 0 },
    code: 'WORKLOAD_BROKEN',
  },
  {
    row: 'a container fails, and fails in the same way in pods with the old proxy',
    trouble: { ...crash, container: { ...proxy, failedBefore: true }, forMs: 0 },
    code: 'WORKLOAD_BROKEN',
  },
  ...(['istio-init', 'istio-validation', 'istio-proxy'] as const).flatMap((name): Case[] => [
    {
      row: 'a container of the sidecar cannot be pulled, cannot be run or crashes',
      trouble: { ...crash, container: { ...proxy, name }, forMs: 30_000 },
      code: 'ROLLOUT_BROKEN',
    },
    {
      row: 'a container of the sidecar cannot be pulled, cannot be run or crashes',
      trouble: { container: { ...proxy, name, restarts: 0 }, reason: 'ErrImagePull', forMs: 29_000 },
      code: undefined,
    },
  ]),
  {
    row: 'a container of the sidecar cannot be pulled, cannot be run or crashes',
    trouble: { container: { ...proxy, restarts: 0 }, reason: 'ErrImagePull', forMs: 30_000 },
    of: { template: { ...workload('n').template, hash: '99999999' } },
    code: 'ROLLOUT_BROKEN',
  },
  {
    row: 'a container of the sidecar runs and is not ready',
    trouble: { what: 'unready', container: { ...proxy, restarts: 0 }, forMs: 119_000 },
    code: undefined,
  },
  {
    row: 'a container of the sidecar runs and is not ready',
    trouble: { what: 'unready', container: { ...proxy, restarts: 0 }, forMs: 120_000 },
    code: 'ROLLOUT_BROKEN',
  },
  ...['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'CreateContainerConfigError'].map(
    (reason): Case => ({
      row: 'the image or the config of the application is wrong',
      trouble: { container: { ...app, restarts: 0 }, reason },
      code: 'WORKLOAD_BROKEN',
    }),
  ),
  {
    row: 'the application fails, and the workload was no better before the upgrade',
    trouble: { ...crash, forMs: 0 },
    before: before(2, 1),
    code: 'WORKLOAD_BROKEN',
  },
  {
    row: 'the application fails, and its template was changed after the restart or was being rolled out then',
    trouble: { ...crash, forMs: 0 },
    of: { template: { ...workload('n').template, hash: '99999999' } },
    code: 'WORKLOAD_BROKEN',
  },
  {
    row: 'the application fails, and its template was changed after the restart or was being rolled out then',
    trouble: { ...crash, forMs: 0 },
    of: { restartedBy: { ...restarted.restartedBy, template: unfinished } },
    code: 'WORKLOAD_BROKEN',
  },
  {
    row: 'the application fails, although it was healthy before and its template is unchanged',
    trouble: crash,
    code: 'WORKLOAD_SUSPECTED',
  },
  {
    row: 'the application fails, although it was healthy before and its template is unchanged',
    trouble: crash,
    before: before(3, 3),
    code: 'WORKLOAD_SUSPECTED',
  },
  {
    row: 'the application fails, although it was healthy before and its template is unchanged',
    trouble: { ...crash, forMs: 119_000 },
    code: undefined,
  },
  {
    row: 'the application fails, although it was healthy before and its template is unchanged',
    trouble: { ...crash, container: { ...app, restarts: 2 } },
    code: undefined,
  },
  {
    row: 'the application fails, although it was healthy before and its template is unchanged',
    trouble: { ...crash, what: 'unready', container: { ...app, restarts: 2 } },
    code: undefined,
  },
  {
    row: 'the application fails, although it was healthy before and its template is unchanged',
    trouble: { ...crash, reason: 'RunContainerError', container: { ...app, restarts: 0 } },
    code: 'WORKLOAD_SUSPECTED',
  },
];

describe('whose failure it is that a pod does not come up', () => {
  it.for(cases)('$row: $code ($trouble)', ({ row, code, ...seen }) => {
    expect(found(seen).map((problem) => problem.code)).toEqual(code === undefined ? [] : [code]);
    expect(blameTable.map((each) => each.seen)).toContain(row);
  });

  it('has a case for each row of the table', () => {
    expect(new Set(cases.map(({ row }) => row))).toEqual(new Set(blameTable.map(({ seen }) => seen)));
  });

  it('does not excuse a workload that is worse than before', () => {
    const worse = { ...rolling, desired: 3, ready: 0 };
    expect(found({ trouble: crash, of: { rollout: worse }, before: before(3, 2) })[0]?.code).toBe('WORKLOAD_SUSPECTED');
  });

  it('does not excuse a workload whose mark says nothing about its template', () => {
    const of = { restartedBy: { runId: 'run1', direction: 'forward' as const } };
    expect(found({ trouble: crash, of })[0]?.code).toBe('WORKLOAD_SUSPECTED');
  });
});
