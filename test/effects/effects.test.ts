import { describe, expect, it } from 'vitest';
import { describeEffect, effects, isNote, leftValidBy } from '../../src/effects/effects.ts';
import type { EffectKind, EffectOf } from '../../src/model/effect.ts';
import { New, noMarks, Old } from '../mesh/world-fixtures.ts';
import { judged } from './effects-fixtures.ts';

type Described = {
  line: string;
  isNote: boolean;
  journalled: readonly string[] | false;
  leavesValid: readonly string[];
};

const note = { isNote: true, journalled: false, leavesValid: [] } as const;

/** One row for each kind of effect; `journalled` names the moments at which the marks change. */
const table = {
  install: [
    { kind: 'install', revision: New, again: false },
    { line: 'install istiod 1-31-0', isNote: false, journalled: [], leavesValid: [] },
  ],
  'upgrade-definitions': [
    {
      kind: 'upgrade-definitions',
      release: { name: 'istio-base', namespace: 'istio-system' },
      version: '1.31.0',
      defaultRevision: Old,
    },
    {
      line: 'upgrade the CRDs of Helm release istio-system/istio-base to 1.31.0',
      isNote: false,
      journalled: [],
      leavesValid: [],
    },
  ],
  'move-tag': [
    { kind: 'move-tag', tag: 'default', revision: New, keepsAutoInject: false },
    { line: 'point tag default at 1-31-0', isNote: false, journalled: ['atResult'], leavesValid: [] },
  ],
  'restart-workload': [
    {
      kind: 'restart-workload',
      workload: { kind: 'Deployment', namespace: 'bar', name: 'web' },
      by: { runId: 'run1', direction: 'forward' },
    },
    { line: 'restart Deployment bar/web', isNote: false, journalled: false, leavesValid: ['judged'] },
  ],
  'label-namespace': [
    { kind: 'label-namespace', namespace: 'bar', revision: New },
    { line: 'label namespace bar istio.io/rev=1-31-0', isNote: false, journalled: [], leavesValid: [] },
  ],
  'restore-labels': [
    { kind: 'restore-labels', namespace: 'bar' },
    { line: 'put the labels of namespace bar back', isNote: false, journalled: [], leavesValid: [] },
  ],
  'begin-wave': [
    { kind: 'begin-wave', wave: 'canary', namespaces: ['bar'] },
    { ...note, line: 'begin wave canary' },
  ],
  'begin-bake': [
    { kind: 'begin-bake', wave: 'canary', namespaces: ['bar'] },
    { ...note, line: 'begin the bake of wave canary' },
  ],
  'record-verdict': [
    { kind: 'record-verdict', wave: 'canary', namespaces: ['bar'], without: [], judged },
    { ...note, line: 'record verdict pass of wave canary' },
  ],
  'record-unused': [
    { kind: 'record-unused', clean: true },
    { ...note, line: 'record that nothing uses the old revision', leavesValid: ['usage'] },
  ],
  uninstall: [
    { kind: 'uninstall', revision: Old },
    { line: 'uninstall istiod 1-30-4', isNote: false, journalled: ['atIntent', 'whenDropped'], leavesValid: ['usage'] },
  ],
  'remove-leftover': [
    { kind: 'remove-leftover', object: { kind: 'Service', name: 'istiod-1-30-4', namespace: 'istio-system' } },
    {
      line: 'remove Service istiod-1-30-4, which an interrupted uninstall left',
      isNote: false,
      journalled: [],
      leavesValid: [],
    },
  ],
} satisfies { [K in EffectKind]: readonly [EffectOf<K>, Described] };

describe('the table of effects', () => {
  it.for(Object.entries(table))('contains %s', ([kind, [effect, expected]]) => {
    const { journalled, leavesValid, isNote } = effects[kind as EffectKind];
    expect({
      line: describeEffect(effect),
      isNote,
      journalled: journalled === false ? false : Object.keys(journalled).sort(),
      leavesValid,
    }).toEqual(expected);
  });

  it('contains the note that the old revision is in use again', () => {
    expect(describeEffect({ kind: 'record-unused', clean: false })).toBe(
      'record that the old revision is in use again',
    );
  });

  it('announces no note in the journal, since a note is itself a write of the journal', () => {
    const notes = Object.values(effects).filter(({ isNote }) => isNote);
    expect(notes.map(({ journalled }) => journalled)).toEqual([false, false, false, false]);
  });

  it('marks exactly the effects that do not change the mesh as notes', () => {
    expect(Object.values(table).flatMap(([effect]) => (isNote(effect) ? [effect.kind] : []))).toEqual([
      'begin-wave',
      'begin-bake',
      'record-verdict',
      'record-unused',
    ]);
  });
});

describe('the costly reads that stay valid after several effects', () => {
  const [restart] = table['restart-workload'];
  const [unused] = table['record-unused'];
  const [install] = table.install;
  it.for([
    { when: 'nothing was done', made: [], valid: [] },
    { when: 'only workloads were restarted', made: [restart, restart], valid: ['judged'] },
    { when: 'only a note was written that the old revision is unused', made: [unused], valid: ['usage'] },
    { when: 'a restart came with an effect that outdates all reads', made: [restart, install], valid: [] },
    { when: 'each of two effects outdates what the other leaves valid', made: [restart, unused], valid: [] },
  ])('are $valid when $when', ({ made, valid }) => {
    expect(leftValidBy(made)).toEqual(valid);
  });
});

describe('the marks of an uninstall', () => {
  const { journalled } = effects.uninstall;
  const changes = journalled === false ? {} : journalled;

  it.for([
    { when: 'it is announced for the first time', before: {}, at: 5, after: { removalBegan: 5 } },
    { when: 'it is announced again', before: { removalBegan: 3 }, at: 5, after: { removalBegan: 3 } },
  ])('contain the time of the begin of the removal when $when', ({ before, at, after }) => {
    expect(changes.atIntent?.({ ...noMarks, ...before }, at)).toEqual({ ...noMarks, ...after });
  });

  it.for([
    { when: 'the dropped announcement was the first', before: { removalBegan: 5 }, at: 5, after: {} },
    { when: 'an earlier one may have begun', before: { removalBegan: 3 }, at: 5, after: { removalBegan: 3 } },
    { when: 'there was none', before: {}, at: 5, after: {} },
  ])('show whether a removal has begun when $when', ({ before, at, after }) => {
    expect(changes.whenDropped?.({ ...noMarks, ...before }, at)).toEqual({ ...noMarks, ...after });
  });
});
