import { describe, expect, it } from 'vitest';
import { LockLost } from '../../src/engine/lock-errors.ts';
import { perform } from '../../src/engine/perform.ts';
import type { Effect } from '../../src/model/effect.ts';
import type { Journal } from '../../src/model/journal.ts';
import type { Installer } from '../../src/ports/installer.ts';
import type { Cluster } from '../../src/ports/kubernetes.ts';
import { context, memoryJournal, now, only } from '../effects/effects-fixtures.ts';
import { Old } from '../mesh/world-fixtures.ts';

const uninstall: Effect = { kind: 'uninstall', revision: Old };
const note: Effect = { kind: 'begin-wave', wave: 'canary', namespaces: ['bar'] };

/** One effect with an API server whose clock moves by `intentTakesMs` with each write of the journal. */
async function performing(
  effect: Effect,
  { intentTakesMs = 0, fails, isLost = false }: { intentTakesMs?: number; fails?: Error; isLost?: boolean } = {},
) {
  let clock = now;
  const calls: string[] = [];
  const { journal, versions } = memoryJournal();
  const slow = {
    get current() {
      return journal.current;
    },
    update: async (change: (journal: Journal) => Journal) => {
      clock += intentTakesMs;
      await journal.update(change);
      calls.push('journal');
    },
  };
  const result = await perform(effect, {
    ...context({
      journal: slow,
      cluster: only<Cluster>({ now: () => clock, named: (failure) => failure }),
      installer: only<Installer>({
        remove: async ({ revision }) => {
          calls.push(`uninstall ${revision}`);
          if (fails !== undefined) throw fails;
        },
      }),
    }),
    lock: {
      epoch: 1,
      expectHeld: async () => {
        if (isLost) throw LockLost.of('default', undefined);
      },
    },
  }).then(
    (done) => ({ done }),
    (failure: unknown) => ({ failure }),
  );
  return { ...result, calls, versions };
}

describe('an effect that is journalled', () => {
  it('is announced, performed, and its announcement removed', async () => {
    const { calls, versions, ...result } = await performing(uninstall);
    expect(result).toEqual({ done: true });
    expect(calls).toEqual(['journal', 'uninstall 1-30-4', 'journal']);
    expect(versions.map(({ intent, marks }) => ({ intent, marks }))).toEqual([
      { intent: { effect: 'uninstall istiod 1-30-4', at: now }, marks: { waves: {}, removalBegan: now } },
      { intent: undefined, marks: { waves: {}, removalBegan: now } },
    ]);
  });

  it('is not performed when its announcement took more than ten seconds, and leaves no trace in the marks', async () => {
    const { calls, versions, ...result } = await performing(uninstall, { intentTakesMs: 10_001 });
    expect(result).toEqual({ done: false });
    expect(calls).toEqual(['journal', 'journal']);
    expect(versions.at(-1)).toMatchObject({ marks: { waves: {} } });
    expect(versions.at(-1)?.marks.removalBegan).toBeUndefined();
    expect(versions.at(-1)?.intent).toBeUndefined();
  });

  it('keeps its announcement in the journal when it fails', async () => {
    const { versions, ...result } = await performing(uninstall, { fails: new Error('no such host') });
    expect(result).toMatchObject({
      failure: { code: 'EFFECT_FAILED', message: expect.stringContaining('no such host') },
    });
    expect(versions.at(-1)?.intent).toEqual({ effect: 'uninstall istiod 1-30-4', at: now });
  });
});

describe('an effect that is not journalled', () => {
  it('is performed by one write', async () => {
    const { calls, ...result } = await performing(note, { intentTakesMs: 10_001 });
    expect(result).toMatchObject({ done: true });
    expect(calls).toEqual(['journal']);
  });
});

describe('any effect', () => {
  it.for([uninstall, note])('writes nothing without the lock ($kind)', async (effect) => {
    const { calls, ...result } = await performing(effect, { isLost: true });
    expect(result).toMatchObject({ failure: { code: 'LOCK_LOST' } });
    expect(calls).toEqual([]);
  });

  it('that loses the lock while it is performed reports the lost lock, and not a failed effect', async () => {
    const lost = LockLost.of('default', undefined);
    expect(await performing(uninstall, { fails: lost })).toMatchObject({ failure: { code: 'LOCK_LOST' } });
  });
});
