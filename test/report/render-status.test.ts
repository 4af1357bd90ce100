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

describe('what a status leads to', () => {
  it.for([
    { next: 'icu upgrade', when: 'a goal is reached', state: 'waiting' },
    { next: 'icu upgrade', when: 'a run was left', state: 'running' },
    { next: '', when: 'a run is at work', state: 'running', lock },
    { next: 'icu upgrade', when: 'it holds', state: 'held' },
    { next: 'icu rollback', when: 'the way back was left', state: 'rolling-back' },
    { next: 'icu rollback --remove-new', when: 'the new istiod is left', state: 'rolled-back' },
    { next: '', when: 'the new istiod is gone too', state: 'rolled-back', removed: true },
    { next: '', when: 'all is done', state: 'completed' },
  ])('is "$next" when $when', ({ next, when: _, ...given }) => {
    expect(nextAfter(status(given), command)).toBe(next);
  });

  it.for([
    { whenHeld: 'upgrade', line: 'Next: icu upgrade   or   icu rollback' },
    { whenHeld: 'rollback', line: 'Next: icu rollback   or   icu upgrade --rejudge' },
    { whenHeld: 'upgrade --rejudge', line: 'Next: icu upgrade --rejudge' },
  ] as const)('names the other way out of a hold beside $whenHeld', ({ whenHeld, line }) => {
    const { run, ...rest } = status({ state: 'held' });
    if (run === undefined) throw new Error('a held run is one');
    expect(renderStatus({ ...rest, run: { ...run, whenHeld } }, command).at(-1)).toBe(line);
  });

  it('says of a run whose lock is free that nobody works on it', () => {
    expect(statusVerdict(status({ state: 'running' }))).toBe(
      'Upgrade 1-30-4 -> 1-31-0 (run a1): running, but no run works on it now',
    );
    expect(statusVerdict(status({ state: 'running', lock }))).toBe('Upgrade 1-30-4 -> 1-31-0 (run a1): running');
  });
});
