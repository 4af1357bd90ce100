import { describe, expect, it } from 'vitest';
import { KindFaults } from '../../harness/rehearsal/backends/kind-faults.ts';
import type { FaultShape } from '../../harness/rehearsal/model/scenario-schema.ts';

const crash: FaultShape = { kind: 'istiod-crashes', stage: 'restart-canary' };

/** Faults that only write down what is done to them. */
function faults(list: readonly FaultShape[], { begins = true } = {}) {
  const done: string[] = [];
  const made = new KindFaults(list, {
    begin: async (kind) => {
      if (!begins) throw new Error('the node is gone');
      done.push(`${kind} begins`);
      return async () => void done.push(`${kind} ends`);
    },
    sleep: async (ms) => void done.push(`${ms} ms pass`),
  });
  return { made, done };
}

describe('the faults of a scenario on kind', () => {
  it('begin once, as soon as the stage before theirs is complete', async () => {
    const { made, done } = faults([crash]);
    made.see('✔ 3 Move the revision tag');
    expect(done).toEqual([]);
    made.see('✔ 3 Move the revision tag\n✔ 4 Upgrade the ingress gateways');
    made.see('✔ 3 Move the revision tag\n✔ 4 Upgrade the ingress gateways\n');
    expect(done).toEqual(['istiod-crashes begins']);
  });

  it('begin at once when they are for the first stage', () => {
    const { made, done } = faults([{ ...crash, stage: 'precheck' }]);
    made.see('Upgrading');
    expect(done).toEqual(['istiod-crashes begins']);
  });

  it('end with the run that they began in', async () => {
    const { made, done } = faults([crash]);
    made.see('✔ 4 ');
    await made.runEnded();
    expect(done).toEqual(['istiod-crashes begins', 'istiod-crashes ends']);
  });

  it('end after their duration', async () => {
    const { made, done } = faults([{ ...crash, for: '3m' }]);
    made.see('✔ 4 ');
    await made.runEnded();
    expect(done).toEqual(['istiod-crashes begins', '180000 ms pass', 'istiod-crashes ends']);
  });

  it.each([{ fault: crash }, { fault: { ...crash, for: '3m' } }])(
    'fail the run when they cannot be made: $fault',
    async ({ fault }) => {
      const { made } = faults([fault], { begins: false });
      made.see('✔ 4 ');
      await expect(made.runEnded()).rejects.toThrow('the node is gone');
    },
  );

  it('are named when their stage never came', () => {
    expect(faults([crash]).made.neverBegun).toEqual(['istiod-crashes at stage restart-canary']);
  });
});
