import { describe, expect, it } from 'vitest';
import { type Code, catalogue } from '../../src/catalogue/catalogue.ts';
import { type Phase, phaseOf, phases, whichWay } from '../../src/engine/which-way.ts';
import type { Blame } from '../../src/model/code.ts';
import { New, noMarks, Old, plan, tagAt, tagObjects } from '../mesh/world-fixtures.ts';

const policy = { failure: 'rollback', cancel: 'hold', inconclusive: 'hold' } as const;
const eager = { failure: 'rollback', cancel: 'rollback', inconclusive: 'rollback' } as const;
const old = tagAt(Old);
const moved = tagAt(New);
const half = new Map([['default', tagObjects({ webhook: New, Service: Old, validator: Old })]]);
const removing = { ...noMarks, removalBegan: 1 };

/** What the catalogue says about a code. */
function problem(code: Code) {
  const {
    blames,
    leadsBack,
    policy: reaction,
  } = catalogue.find((form) => form.code === code) ?? raise(`${code} is not defined`);
  return {
    meaning: { blames, ...(leadsBack && { leadsBack }), ...(reaction === undefined ? {} : { policy: reaction }) },
  };
}

/** Every code with which a stage can stop after the tag has moved, and what the policies of the config lead to at most. */
const waysWhileMoving = {
  ABORT_ASKED: 'back',
  CONTROL_PLANE_LOST: 'back',
  CONTROL_PLANE_NOT_READY: 'back',
  DEFAULT_TAG_MISSING: 'hold',
  RIVAL_RESTARTER: 'hold',
  DEFAULT_TAG_TAKEN: 'hold',
  GATE_FAILED: 'back',
  GATE_INCONCLUSIVE: 'back',
  INJECTION_FAILS: 'back',
  INSTALL_TOUCHES_MORE: 'back',
  POD_INJECTED_BY_OTHER: 'back',
  POD_REFUSED: 'hold',
  ROLLOUT_BROKEN: 'back',
  SIDECAR_REFUSED: 'back',
  TOO_MANY_BROKEN: 'back',
  // A rollback would not repair these, or would be refused or set back in the same way.
  EFFECT_FAILED: 'hold',
  EFFECT_UNDONE: 'hold',
  EFFECT_WITHOUT_RESULT: 'hold',
  DOUBLE_INJECTION: 'hold',
  INJECTION_UNPROVEN: 'hold',
  OLD_REVISION_UNSEEN: 'hold',
  WAVE_NOT_JUDGED: 'hold',
  WAVE_NOT_SEEN: 'hold',
  TAG_GOES_WITH_OLD: 'hold',
  INSTALLED_OTHERWISE: 'hold',
  LEFTOVER_IN_USE: 'hold',
  JOURNAL_CONFLICT: 'hold',
  NAMESPACE_LEFT_TAG: 'hold',
  NOT_INSTALLED_BY_ISTIOCTL: 'hold',
  OLD_REVISION_IN_USE: 'hold',
  PODS_REFUSED: 'hold',
  PODS_NOT_MADE: 'hold',
  REFUSAL_UNEXPLAINED: 'hold',
  WORKLOAD_REFUSED: 'hold',
  POD_DOES_NOT_END: 'hold',
  NODE_LOST: 'hold',
  NO_ROOM: 'hold',
  ROLLOUT_STUCK: 'hold',
  STUCK: 'hold',
  WORKLOAD_SUSPECTED: 'hold',
  RESTART_IN_VAIN: 'hold',
  WORKLOAD_BROKEN: 'hold',
  TAG_NOT_AT_TARGET: 'hold',
  UNINSTALL_TAKES_LESS: 'hold',
  UNINSTALL_TAKES_MORE: 'hold',
} as const satisfies Partial<Record<Code, 'back' | 'hold'>>;

function raise(message: string): never {
  throw new Error(message);
}

describe('the safe direction', () => {
  it.for([
    { way: 'stop', code: 'GATE_FAILED', when: 'the tag has not moved', tags: old },
    { way: 'back', code: 'GATE_FAILED', when: 'the tag has moved', tags: moved },
    { way: 'back', code: 'ROLLOUT_BROKEN', when: 'only a part of the tag has moved', tags: half },
    { way: 'hold', code: 'GATE_FAILED', when: 'stage 8 has begun', tags: moved, marks: removing },
    {
      way: 'hold',
      code: 'GATE_FAILED',
      when: 'the policy says so',
      tags: moved,
      on: { ...policy, failure: 'hold' as const },
    },
    { way: 'hold', code: 'GATE_INCONCLUSIVE', when: 'nothing else is said', tags: moved },
    {
      way: 'back',
      code: 'GATE_INCONCLUSIVE',
      when: 'the policy says so',
      tags: moved,
      on: { ...policy, inconclusive: 'rollback' as const },
    },
  ] as const)('after $code is $way when $when', ({ way, code, tags, ...given }) => {
    const { marks = noMarks, on = policy } = given as { marks?: typeof noMarks; on?: typeof eager };
    expect(whichWay(problem(code), { tags }, marks, plan(), on)).toBe(way);
  });

  it.for([
    { phase: 'preparing', safe: 'stop', tags: old, marks: noMarks },
    { phase: 'moving', safe: 'back', tags: half, marks: noMarks },
    { phase: 'moving', safe: 'back', tags: moved, marks: noMarks },
    { phase: 'removing', safe: 'hold', tags: moved, marks: removing },
    // A tag that another writer set back does not bring the old istiod back.
    { phase: 'removing', safe: 'hold', tags: old, marks: removing },
  ] as const)('while $phase is $safe, whatever the code and the policy', ({ phase, safe, tags, marks }) => {
    expect(phaseOf({ tags }, marks, plan())).toBe(phase);
    expect(phases[phase].safe).toBe(safe);
    const reactions = [
      policy,
      { ...policy, failure: 'hold' as const },
      { ...policy, inconclusive: 'rollback' as const },
    ];
    const ways = catalogue.flatMap(({ code }) =>
      reactions.map((on) => whichWay(problem(code as Code), { tags }, marks, plan(), on)),
    );
    expect(ways.filter((way) => way !== safe && way !== 'hold')).toEqual([]);
    expect(safe === 'stop' && ways.includes('hold')).toBe(false);
  });

  it('has a row for every phase', () => {
    expect(Object.keys(phases) satisfies string[] as Phase[]).toEqual(['preparing', 'moving', 'removing']);
  });

  it.for(Object.entries(waysWhileMoving) as [Code, 'back' | 'hold'][])(
    'after %s is %s while the data plane moves',
    ([code, way]) => {
      expect(whichWay(problem(code), { tags: moved }, noMarks, plan(), eager)).toBe(way);
    },
  );

  it('leads back for the codes of the release, for what a person asked, and for no other', () => {
    const leadsBack = catalogue.filter(
      ({ code }) => whichWay(problem(code as Code), { tags: moved }, noMarks, plan(), eager) === 'back',
    );
    const isRelease = (blames: Blame) => blames === 'release';
    const blamed = catalogue.filter(({ blames, leadsBack: isAsked }) => isAsked === true || isRelease(blames));
    expect(leadsBack.map(({ code }) => code)).toEqual(blamed.map(({ code }) => code));
    const stated = Object.entries(waysWhileMoving).filter(([, way]) => way === 'back');
    expect(blamed.map(({ code }) => code)).toEqual(stated.map(([code]) => code).sort());
  });
});
