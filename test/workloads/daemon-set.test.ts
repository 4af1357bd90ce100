import { describe, expect, it } from 'vitest';
import { daemonSet } from '../../src/workloads/daemon-set.ts';
import { type Status, workload } from './workload-objects.ts';

describe('the rollout of a DaemonSet', () => {
  const daemons: Status = {
    observedGeneration: 2,
    desiredNumberScheduled: 3,
    updatedNumberScheduled: 3,
    numberAvailable: 3,
    numberReady: 3,
  };

  it.for([
    {
      waits: 'its controller has not seen the change yet',
      when: 'its controller has not observed the write',
      status: { ...daemons, observedGeneration: 1 },
    },
    { waits: '2 of 3 pods updated', when: 'a node has an old pod', status: { ...daemons, updatedNumberScheduled: 2 } },
    { waits: '2 of 3 pods available', when: 'a pod is not available', status: { ...daemons, numberAvailable: 2 } },
    { waits: '2 of 3 pods ready', when: 'a pod is not ready', status: { ...daemons, numberReady: 2 } },
    { waits: '', when: 'every node has a new, ready pod', status: daemons },
    { waits: '', when: 'no node should run a pod', status: { observedGeneration: 2, desiredNumberScheduled: 0 } },
  ])('waits for "$waits" when $when', ({ waits, status }) => {
    expect(daemonSet.rolloutOf(workload({}, status))).toMatchObject({ waitingFor: waits, complete: waits === '' });
  });
});

describe('a DaemonSet', () => {
  it('cannot be restarted when its strategy is OnDelete', () => {
    expect(daemonSet.whyUnrestartable(workload())).toBeUndefined();
    expect(daemonSet.whyUnrestartable(workload({ updateStrategy: { type: 'OnDelete' } }))).toContain('OnDelete');
  });

  it('is not down while it restarts, since the pods of other nodes run', () => {
    expect(daemonSet.whyDown(workload())).toBeUndefined();
  });

  it.for([
    { what: 'the default strategy', spec: {}, surge: 0 },
    { what: 'maxSurge 50%', spec: { updateStrategy: { rollingUpdate: { maxSurge: '50%' } } }, surge: 2 },
  ])('of three pods runs $surge pods beside the old ones with $what', ({ spec, surge }) => {
    expect(daemonSet.surgePods(workload(spec), 3)).toBe(surge);
  });
});
