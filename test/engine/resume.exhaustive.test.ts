import { describe, expect, it } from 'vitest';
import type { TimedEvent } from '../../src/model/events.ts';
import {
  configOf,
  type Disturbance,
  endState,
  type GoOptions,
  goBack,
  goUpgrade,
  New,
  Old,
  seedPods,
  servingMesh,
  tagAt,
  Watcher,
} from './engine-fixtures.ts';

const seed = 11;
const config = configOf();
const effectAt = (
  kind: 'effect-started' | 'effect-done',
  wanted: number,
  only: (event: TimedEvent) => boolean = () => true,
) => {
  let count = 0;
  let open = false;
  return (event: TimedEvent): boolean => {
    if (only(event)) open = true;
    return open && event.kind === kind && ++count === wanted;
  };
};
const kill = (at: Disturbance['at']): GoOptions => ({ disturb: { at, how: 'kill' } });

const undisturbed = await servingMesh({ seed });
const golden = await goUpgrade(undisturbed, { config });
const goldenState = endState(undisturbed);
const writesMax = golden.writes;

/** A run that is killed at any of its steps is swept by `npm run faults -- --sweep`; here is its measure. */
describe('the undisturbed run', () => {
  it('goes through all eight stages and restarts every mesh workload once', () => {
    expect(golden.kind).toBe('completed');
    expect(goldenState).toMatchObject({ tag: tagAt(New), pods: seedPods(New), controlPlanes: [New] });
    expect(golden.effects.filter((effect) => effect.startsWith('restart '))).toHaveLength(6);
    expect(writesMax).toBeGreaterThan(20);
  });
});

describe(`a killed rollback (seed ${seed})`, () => {
  const isBack = (event: TimedEvent) => event.kind === 'run-started' && event.direction === 'back';
  const badMesh = async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
    return sim;
  };

  it('ends the same at whichever effect it is killed, by upgrade or by rollback', async () => {
    const sim = await badMesh();
    const straight = await goUpgrade(sim, { config });
    const state = endState(sim);
    expect(straight.kind).toBe('rolled-back');
    expect(state).toMatchObject({ tag: tagAt(Old), pods: seedPods(Old) });
    const start = straight.events.findIndex(isBack);
    const backward = straight.events.slice(start).filter(({ kind }) => kind === 'effect-started');
    expect(backward.length).toBeGreaterThan(2);
    for (const moment of ['effect-started', 'effect-done'] as const)
      for (const again of [goUpgrade, goBack])
        for (let number = 1; number <= backward.length; number++) {
          const mesh = await badMesh();
          const watcher = new Watcher(mesh);
          const first = await goUpgrade(mesh, { config, ...kill(effectAt(moment, number, isBack)) });
          const second = await again(mesh, { config, runId: 'run2' });
          expect([moment, number, first.kind, second.kind]).toEqual([moment, number, 'killed', 'rolled-back']);
          expect(endState(mesh)).toEqual(state);
          expect(watcher.restartedTwice).toEqual([]);
          expect(watcher.blackouts).toEqual([]);
        }
  });
});
