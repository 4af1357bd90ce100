import { describe, expect, it } from 'vitest';
import type { Status } from '../../src/model/status.ts';
import { nextAfter, renderStatus, statusVerdict } from '../../src/report/render-status.ts';

const command = (verb: string) => `icu ${verb}`;

function status({ state, removed, ...more }: { state: string; removed?: boolean } & Partial<Status>): Status {
  const istiod = (revision: string) => ({ revision, version: undefined, ready: 1, desired: 1 });
  return {
    tag: { name: 'default', revision: '1-30-4' },
    controlPlanes: [istiod('1-30-4'), ...(removed === true ? [] : [istiod('1-31-0')])],
    pods: {},
    run: { id: 'a1', state, from: '1-30-4', to: '1-31-0', whenHeld: 'upgrade', waves: [] },
    lock: undefined,
    history: [],
    ...more,
  };
}

const lock = { id: 'a1', where: 'a log', since: '2026-11-23T10:00:00Z' };

describe('a status', () => {
  it.for([
    { next: 'icu upgrade', when: 'a goal is reached', state: 'waiting' },
    { next: 'icu upgrade', when: 'a run has stopped without an outcome', state: 'running' },
    { next: '', when: 'a run still works', state: 'running', lock },
    { next: 'icu upgrade', when: 'the run holds', state: 'held' },
    { next: 'icu rollback', when: 'a rollback has stopped without an outcome', state: 'rolling-back' },
    { next: 'icu rollback --remove-new', when: 'the new istiod remains after a rollback', state: 'rolled-back' },
    { next: '', when: 'the new istiod is removed after a rollback', state: 'rolled-back', removed: true },
    { next: '', when: 'the upgrade is completed', state: 'completed' },
  ])('leads to "$next" when $when', ({ next, when: _, ...given }) => {
    expect(nextAfter(status(given), command)).toBe(next);
  });

  it.for([
    { whenHeld: 'upgrade', line: 'Next: icu upgrade   or   icu rollback' },
    { whenHeld: 'rollback', line: 'Next: icu rollback   or   icu upgrade --rejudge' },
    { whenHeld: 'upgrade --rejudge', line: 'Next: icu upgrade --rejudge' },
  ] as const)('shows "$line" when a held run offers $whenHeld', ({ whenHeld, line }) => {
    const { run, ...rest } = status({ state: 'held' });
    if (run === undefined) throw new Error('the status has no run');
    expect(renderStatus({ ...rest, run: { ...run, whenHeld } }, command).at(-1)).toBe(line);
  });

  it('says who paused the run, and leads to resume', () => {
    const asked = { verb: 'pause', by: 'alice@laptop', at: '2026-11-23T10:05:00Z' } as const;
    const paused = status({ state: 'running', lock, asked });
    expect(renderStatus(paused, command)).toContain(
      'Paused by alice@laptop at 2026-11-23T10:05:00Z: nothing is begun until `resume` or `abort`.',
    );
    expect(nextAfter(paused, command)).toBe('icu resume');
    expect(nextAfter(status({ state: 'running', lock, asked: { ...asked, verb: 'abort' } }), command)).toBe('');
  });

  it('shows how far the wave is that moves or bakes', () => {
    const { run, ...rest } = status({ state: 'running', lock });
    if (run === undefined) throw new Error('the status has no run');
    const waves = [
      { name: 'canary', verdict: 'baking', progress: '0:18 of 5:00, about 4:42 to go' },
      { name: 'rest', verdict: 'not begun' },
    ];
    const lines = renderStatus({ ...rest, run: { ...run, waves } }, command);
    expect(lines).toContain('  wave canary: baking 0:18 of 5:00, about 4:42 to go');
    expect(lines).toContain('  wave rest: not begun');
  });

  it('says that no run works on an upgrade whose lock is free', () => {
    expect(statusVerdict(status({ state: 'running' }))).toBe(
      'Upgrade 1-30-4 -> 1-31-0 (run a1): running, but no run works on it now',
    );
    expect(statusVerdict(status({ state: 'running', lock }))).toBe('Upgrade 1-30-4 -> 1-31-0 (run a1): running');
  });
});
