import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../src/proposal/candidates.ts';
import { rateOf } from '../../src/proposal/candidates.ts';
import { proposeBake } from '../../src/proposal/propose-bake.ts';
import { proposeWaves } from '../../src/proposal/propose-waves.ts';

const space = (namespace: string, rate: number | undefined, more: Partial<Candidate> = {}): Candidate => ({
  namespace,
  workloads: [],
  pods: 2,
  rate,
  failing: 0,
  ...more,
});
/** As if the gate needed five requests a second. */
const enough = (candidates: readonly Candidate[]) => rateOf(candidates) >= 5;
const minute = 60_000;

describe('the proposed canary', () => {
  it.for([
    {
      is: 'the namespace with the least traffic that is enough',
      all: [space('busy', 100), space('idle', 1), space('shop', 6)],
      canary: ['shop'],
    },
    {
      is: 'no critical namespace, if another has enough traffic',
      all: [space('busy', 100), space('pay', 6, { critical: 'it has tier=critical' })],
      canary: ['busy'],
    },
    {
      is: 'a critical namespace, if there is no other',
      all: [space('pay', 6, { critical: 'it has tier=critical' })],
      canary: ['pay'],
    },
    {
      is: 'several namespaces that have enough traffic together, at most a tenth of all',
      all: Array.from({ length: 20 }, (_, index) => space(`n${String(index).padStart(2, '0')}`, 3)),
      canary: ['n00', 'n19'],
    },
    {
      is: 'a small namespace with pods, if no traffic is known',
      all: [space('big', undefined, { pods: 9 }), space('none', undefined, { pods: 0 }), space('small', undefined)],
      canary: ['small'],
    },
  ])('is $is', ({ all, canary }) => {
    expect(proposeWaves(all, enough)[0]).toMatchObject({ name: 'canary', namespaces: canary });
  });

  it('is what a person wants, whatever its traffic', () => {
    const waves = proposeWaves([space('a', 0), space('b', 50)], enough, ['a']);
    expect(waves).toMatchObject([
      { name: 'canary', namespaces: ['a'], why: expect.stringContaining('little traffic') },
      { name: 'rest', namespaces: '*' },
    ]);
  });
});

describe('the proposed waves', () => {
  const many = Array.from({ length: 40 }, (_, index) =>
    space(`n${String(index).padStart(2, '0')}`, index, index % 4 === 3 ? { critical: 'it has tier=critical' } : {}),
  );

  it('are a canary, a tenth, a quarter and the rest, and only the rest holds critical namespaces', () => {
    const waves = proposeWaves(many, enough);
    expect(waves.map(({ name }) => name)).toEqual(['canary', 'tenth', 'quarter', 'rest']);
    const [canary, tenth, quarter, rest] = waves;
    expect([canary, tenth, quarter].map((wave) => wave?.namespaces.length)).toEqual([1, 4, 10]);
    expect(rest).toMatchObject({ namespaces: '*', why: expect.stringContaining('10 of them critical') });
    const named = waves.flatMap(({ namespaces }) => (namespaces === '*' ? [] : namespaces));
    expect(new Set(named).size).toBe(named.length);
    expect(named.filter((name) => Number(name.slice(1)) % 4 === 3)).toEqual([]);
  });

  it('each have enough traffic for a verdict', () => {
    const quiet = Array.from({ length: 30 }, (_, index) => space(`n${index}`, index === 0 ? 20 : index === 1 ? 30 : 0));
    const [, tenth] = proposeWaves([...quiet, space('shop', 6)], enough);
    expect(
      quiet.filter(({ namespace }) => tenth?.namespaces.includes(namespace)).some(({ rate = 0 }) => rate > 0),
    ).toBe(true);
  });

  it('are a canary and the rest in a small mesh, and a canary alone in a mesh of one namespace', () => {
    expect(proposeWaves(many.slice(0, 5), enough).map(({ name }) => name)).toEqual(['canary', 'rest']);
    expect(proposeWaves(many.slice(6, 7), enough).map(({ name }) => name)).toEqual(['canary']);
  });
});

describe('the proposed bake', () => {
  const wave = (name: string, passMs: number, noticeMs = passMs) => ({ wave: name, power: { passMs, noticeMs } });

  it.for([
    { when: 'nothing is known', waves: [], bake: { bakeMs: 10 * minute, isMeasured: false, weak: [] } },
    {
      when: 'every wave has much traffic',
      waves: [wave('canary', 2 * minute)],
      bake: { bakeMs: 10 * minute, isMeasured: true, weak: [] },
    },
    {
      when: 'one wave needs longer to pass',
      waves: [wave('canary', 2 * minute), wave('rest', 21 * minute)],
      bake: { bakeMs: 25 * minute, isMeasured: true, weak: [] },
    },
    {
      when: 'a rise is noticed late',
      waves: [wave('canary', 2 * minute, 50 * minute)],
      bake: { bakeMs: 10 * minute, maxBakeMs: 50 * minute, isMeasured: true, weak: [] },
    },
    {
      when: 'a wave has no traffic, which names it and lengthens nothing',
      waves: [wave('canary', 12 * minute), wave('rest', Number.POSITIVE_INFINITY)],
      bake: { bakeMs: 15 * minute, isMeasured: true, weak: ['rest'] },
    },
  ])('is long enough when $when', ({ waves, bake }) => {
    expect(proposeBake(waves)).toEqual(bake);
  });
});
