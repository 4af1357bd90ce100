// biome-ignore-all lint/suspicious/noTemplateCurlyInString: GitHub's expressions
import { describe, expect, it } from 'vitest';
import type { RanAction } from '../../../harness/proof/runner/job.ts';
import { type Action, outcomes, running, type Step } from './running.ts';

/** Cancels the job when a line says `cancel`. A process has the runner's whole time to react to a signal, unless it is to miss it. */
function cancelling(action: Action | readonly Step[], signalFactor = 1): Promise<RanAction> {
  const cancel = new AbortController();
  const tell = (line: string) => {
    if (line.endsWith('cancel')) cancel.abort();
  };
  return running(action, { cancel: cancel.signal, tell, signalFactor });
}

const waits = 'while :; do sleep 0.01; done';

describe('a cancelled job', () => {
  it.for([
    { what: 'at SIGINT', script: `trap 'echo INT; exit 0' INT`, says: 'INT', exitCode: 0, factor: 1 },
    { what: 'by SIGINT', script: 'echo cancel; exec sleep 60', says: '', exitCode: 130, factor: 1 },
    {
      what: 'at SIGTERM',
      script: `trap '' INT; trap 'echo TERM; exit 7' TERM`,
      says: 'TERM',
      exitCode: 7,
      factor: 0.3,
    },
    { what: 'by SIGKILL', script: `trap '' INT TERM`, says: '', exitCode: 137, factor: 0.02 },
  ])(
    'ends the running process $what, and the step is cancelled however it ended',
    async ({ script, says, exitCode, factor }) => {
      const ran = await cancelling(
        [
          { id: 'a', run: `echo "x=1" >> "$GITHUB_OUTPUT"; ${script}; echo cancel; ${waits}` },
          { id: 'default', run: 'echo' },
          { id: 'failure', if: 'failure()', run: 'echo' },
          { id: 'cancelled', if: 'cancelled()', run: 'echo ${{ steps.a.outputs.x }} ${{ job.status }}' },
        ],
        factor,
      );
      expect(outcomes(ran)).toEqual({ a: 'cancelled', default: 'skipped', failure: 'skipped', cancelled: 'success' });
      expect(ran.conclusion).toBe('cancelled');
      expect(ran.steps[0]?.exitCode).toBe(exitCode);
      expect(ran.steps[0]?.log).toBe(['cancel', says, 'Error: The operation was canceled.'].filter(Boolean).join('\n'));
      expect(ran.steps[3]?.log).toBe('1 cancelled');
      expect(ran.complaints).toEqual([]);
      expect(ran.orphans).toEqual([]);
    },
  );

  it('does not cancel what begins after it', async () => {
    const ran = await cancelling([
      { id: 'a', run: `echo cancel; exec sleep 60` },
      { id: 'clean', if: 'always()', run: 'for i in 1 2 3 4 5; do sleep 0.1; done; echo cleaned' },
    ]);
    expect(outcomes(ran)).toEqual({ a: 'cancelled', clean: 'success' });
    expect(ran.steps[1]?.log).toBe('cleaned');
    expect(ran.conclusion).toBe('cancelled');
  });

  it('lets a running step be whose condition still holds, and then the next ones, whose action has not failed', async () => {
    const ran = await cancelling([
      { id: 'always', if: 'always()', run: 'echo cancel; sleep 0.3; echo through' },
      { id: 'default', run: 'echo ${{ github.action_status }} ${{ job.status }}' },
      { id: 'not', if: '!cancelled()', run: 'echo' },
    ]);
    expect(outcomes(ran)).toEqual({ always: 'success', default: 'success', not: 'skipped' });
    expect(ran.steps[1]?.log).toBe('success cancelled');
    expect(ran.conclusion).toBe('success');
  });

  it('does not keep the steps of an action from running that is begun after it', async () => {
    const ran = await running(
      [
        { id: 'a', run: 'echo' },
        { id: 'b', if: 'cancelled()', run: 'echo' },
      ],
      {
        cancel: AbortSignal.abort(),
      },
    );
    expect(outcomes(ran)).toEqual({ a: 'success', b: 'success' });
  });

  it('forgives no cancelled step', async () => {
    const ran = await cancelling([{ id: 'a', run: 'echo cancel; exec sleep 60', 'continue-on-error': true }]);
    expect(ran.steps[0]).toMatchObject({ outcome: 'cancelled', conclusion: 'cancelled' });
  });

  it('after a failure is cancelled', async () => {
    const ran = await cancelling([
      { id: 'a', run: 'exit 1' },
      { id: 'b', if: 'failure()', run: 'echo cancel; exec sleep 60' },
      { id: 'c', if: 'failure()', run: 'echo' },
    ]);
    expect(outcomes(ran)).toEqual({ a: 'failure', b: 'cancelled', c: 'skipped' });
    expect(ran.conclusion).toBe('cancelled');
  });
});

describe('the signals of a cancel', () => {
  const script = `trap 'echo stopped; exit 0' INT TERM; echo $$; echo cancel; ${waits}`;

  it('reach a process that has taken the place of the shell', async () => {
    const ran = await cancelling([{ run: `exec bash -c "${script.replaceAll('$$', '\\$\\$')}"` }]);
    expect(ran.log).toContain('stopped');
    expect(ran.orphans).toEqual([]);
  });

  it('do not reach a child of the shell: it outlives the step, and is ended with the job', async () => {
    const ran = await cancelling(
      [
        {
          id: 'a',
          run: `bash -c 'trap "echo stopped" INT TERM; echo cancel; while :; do sleep 0.05; done'; echo never`,
        },
        { id: 'after', if: 'always()', run: 'echo after' },
      ],
      0.3,
    );
    expect(outcomes(ran)).toEqual({ a: 'cancelled', after: 'success' });
    // A shell that waits for a child leaves SIGINT to it.
    expect(ran.steps[0]?.exitCode).toBe(143);
    expect(ran.log).not.toMatch(/stopped|never/);
    expect(ran.orphans.map(({ command }) => command)).toContainEqual(expect.stringContaining('echo stopped'));
    for (const { pid } of ran.orphans) await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it('are sparing: a child that the step left behind goes on, also when it says something', async () => {
    const ran = await running(
      [
        {
          run: '{ until [ -e go ]; do sleep 0.01; done; echo late; echo later; touch written; sleep 60; } & echo left',
        },
        { run: 'touch go; for i in $(seq 200); do [ -e written ] && break; sleep 0.02; done; ls written' },
      ],
      { signalFactor: 0.01 },
    );
    expect(ran.steps[0]?.log).toBe('left');
    expect(ran.steps[1]?.log).toBe('written');
    expect(ran.orphans.length).toBeGreaterThan(0);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
