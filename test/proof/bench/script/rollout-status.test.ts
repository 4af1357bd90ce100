import { describe, expect, it } from 'vitest';
import { isRolledOut } from '../../../../harness/proof/bench/script/rollout-status.ts';
import type { WorkloadObject } from '../../../../src/ports/objects.ts';

type Parts = Pick<WorkloadObject, 'status'> & { spec?: Partial<WorkloadObject['spec']> };

const object = ({ spec = {}, status }: Parts): WorkloadObject => ({
  metadata: { name: 'web', namespace: 'foo', generation: 2 },
  spec: { replicas: 3, template: { spec: { containers: [] } }, ...spec },
  status: { observedGeneration: 2, ...status },
});

const rolled = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
const scheduled = { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 };

describe('isRolledOut', () => {
  it.for<{ kind: string; when: string } & Parts>([
    { kind: 'Deployment', when: 'every replica is updated and available', status: rolled },
    { kind: 'Deployment', when: 'there are to be none', spec: { replicas: 0 }, status: {} },
    { kind: 'DaemonSet', when: 'every node has an available new pod', status: scheduled },
    {
      kind: 'StatefulSet',
      when: 'both revisions are one',
      status: { ...rolled, currentRevision: 'b', updateRevision: 'b' },
    },
    {
      kind: 'StatefulSet',
      when: 'only the pods above the partition are new, as kubectl has it',
      spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } },
      status: { ...rolled, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
    },
  ])('is true of a $kind when $when', ({ kind, when: _, ...parts }) => {
    expect(isRolledOut(kind, object(parts))).toBe(true);
  });

  it.for<{ kind: string; when: string } & Parts>([
    {
      kind: 'Deployment',
      when: 'the controller has not seen the new spec',
      status: { ...rolled, observedGeneration: 1 },
    },
    {
      kind: 'Deployment',
      when: 'one of three replicas is updated',
      status: { ...rolled, updatedReplicas: 1 },
    },
    {
      kind: 'Deployment',
      when: 'an old replica still terminates',
      status: { ...rolled, replicas: 4 },
    },
    {
      kind: 'Deployment',
      when: 'two of three updated replicas are available',
      status: { ...rolled, availableReplicas: 2 },
    },
    {
      kind: 'DaemonSet',
      when: 'two of three updated pods are available',
      status: { ...scheduled, numberAvailable: 2 },
    },
    { kind: 'StatefulSet', when: 'one pod is not ready', status: { ...rolled, readyReplicas: 2 } },
    {
      kind: 'StatefulSet',
      when: 'the two revisions differ',
      status: { ...rolled, currentRevision: 'a', updateRevision: 'b' },
    },
  ])('waits for a $kind when $when', ({ kind, when: _, ...parts }) => {
    expect(isRolledOut(kind, object(parts))).toBe(false);
  });

  it('gives up on a Deployment whose progress deadline is exceeded', () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    expect(() => isRolledOut('Deployment', object({ status: { updatedReplicas: 1, conditions } }))).toThrow(
      'deployment "web" exceeded its progress deadline',
    );
  });

  it.for(['StatefulSet', 'DaemonSet'])('refuses a %s that is updated by hand', (kind) => {
    const spec = { updateStrategy: { type: 'OnDelete' } };
    expect(() => isRolledOut(kind, object({ spec, status: rolled }))).toThrow(
      'rollout status is only available for RollingUpdate strategy type',
    );
  });
});
