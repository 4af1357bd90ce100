import { describe, expect, it } from 'vitest';
import { definitionOf } from '../../src/effects/effects.ts';
import type { Effect } from '../../src/model/effect.ts';
import type { RunEvent } from '../../src/model/events.ts';
import type { Marks } from '../../src/model/marks.ts';
import { context, judged, memoryJournal, now } from './effects-fixtures.ts';

/** The marks after one effect, and what it emitted; every call but to the journal throws. */
async function marksAfter(effect: Effect, before: Marks) {
  const { journal } = memoryJournal({ marks: before });
  const events: RunEvent[] = [];
  await definitionOf(effect).perform(effect, context({ journal, emit: (event) => events.push(event) }));
  return { marks: journal.current.marks, events };
}

describe('a note', () => {
  const namespaces = ['bar', 'shop'];
  const other = { startedAt: 1, readyAt: 2, verdict: judged };

  it.for<{ effect: Effect; before: Marks; after: Marks }>([
    {
      effect: { kind: 'begin-wave', wave: 'canary', namespaces },
      before: { waves: { other, canary: { namespaces: ['bar'], startedAt: 1, readyAt: 2, verdict: judged } } },
      after: { waves: { other, canary: { namespaces, startedAt: now } } },
    },
    {
      effect: { kind: 'begin-bake', wave: 'canary', namespaces },
      before: { waves: { other, canary: { namespaces: ['bar'], startedAt: 3 } } },
      after: { waves: { other, canary: { namespaces, startedAt: 3, readyAt: now } } },
    },
    {
      effect: { kind: 'record-verdict', wave: 'canary', namespaces, without: [], judged },
      before: { tagMovedAt: 1, waves: { other, canary: { startedAt: 3, readyAt: 4 } } },
      after: { tagMovedAt: 1, waves: { other, canary: { namespaces, startedAt: 3, readyAt: 4, verdict: judged } } },
    },
    { effect: { kind: 'record-unused', clean: true }, before: { waves: {} }, after: { waves: {}, unusedSince: now } },
    { effect: { kind: 'record-unused', clean: false }, before: { waves: {}, unusedSince: 3 }, after: { waves: {} } },
  ])(
    'of kind $effect.kind changes its own marks in the journal and nothing else',
    async ({ effect, before, after }) => {
      expect((await marksAfter(effect, before)).marks).toEqual(after);
    },
  );

  it('of kind record-verdict emits the verdict once it is in the journal', async () => {
    const effect = { kind: 'record-verdict', wave: 'canary', namespaces, without: [], judged } as const;
    expect((await marksAfter(effect, { waves: {} })).events).toEqual([{ kind: 'verdict', wave: 'canary', judged }]);
  });
});
