import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import type { TimedEvent } from '../../src/model/events.ts';
import { ConfigMaps, Namespaces } from '../../src/ports/kinds.ts';
import type { ConfigMap } from '../../src/ports/objects.ts';
import { configOf, type Ended, goUpgrade, journalIn, label, New, Old, podsIn, servingMesh } from './engine-fixtures.ts';

const seed = 61;

/** A namespace with one serving Deployment of the same name, which gets requests. */
function appear(sim: Sim, name: string, revision = 'default'): void {
  sim.addNamespace({ name, labels: { 'istio.io/rev': revision }, workloads: [{ name }] });
}

const notes = ({ effects }: Ended) => effects.filter((text) => /wave/.test(text));
const moves = ({ events }: Ended) => events.flatMap((event) => (event.kind === 'namespaces-moved' ? event.moves : []));
const judgedFor = (sim: Sim, wave: string) => journalIn(sim)?.marks.waves[wave]?.namespaces;
const isVerdictOf = (wave: string) => (event: TimedEvent) => event.kind === 'verdict' && event.wave === wave;

/** Writes the journal as a release did that recorded no namespaces with its marks. */
function asBefore(sim: Sim): void {
  const object = sim.store.get<ConfigMap>(ConfigMaps, 'istio-canary-upgrade-default', 'istio-system');
  const journal = journalIn(sim);
  if (object === undefined || journal === undefined) throw new Error('no journal');
  const waves = Object.entries(journal.marks.waves).map(([name, { namespaces: _set, ...marks }]) => [name, marks]);
  const marks = { ...journal.marks, waves: Object.fromEntries(waves) as typeof journal.marks.waves };
  sim.store.put(ConfigMaps, { ...object, data: { journal: JSON.stringify({ ...journal, marks }) } } as ConfigMap);
}

describe(`what was judged (seed ${seed})`, () => {
  it('is judged again when --replan adds three namespaces to a canary that has passed', async () => {
    const sim = await servingMesh({ seed });
    const added = ['shop-1', 'shop-2', 'shop-3'];
    for (const name of added) appear(sim, name);
    await sim.advance(6 * 60_000);
    await goUpgrade(sim, { through: 'canary' });
    const config = configOf({
      waves: `[{ name: canary, namespaces: [bar, ${added}] }, { name: rest, namespaces: "*" }]`,
    });
    expect(await goUpgrade(sim, { config, runId: 'run2' })).toMatchObject({ kind: 'thrown', codes: ['PLAN_CHANGED'] });
    const run = await goUpgrade(sim, { config, runId: 'run3', replan: true, through: 'canary' });
    expect(run.kind).toBe('reached');
    expect(run.effects).toEqual([
      'begin wave canary',
      ...added.map((name) => `restart Deployment ${name}/${name}`),
      'begin the bake of wave canary',
      'record verdict pass of wave canary',
    ]);
    expect(judgedFor(sim, 'canary')).toEqual(['bar', ...added]);
  });

  it('holds for the namespaces of a canary that has passed when --replan takes one from it', async () => {
    const sim = await servingMesh({ seed });
    const both = '[{ name: canary, namespaces: [bar, foo] }, { name: rest, namespaces: "*" }]';
    await goUpgrade(sim, { config: configOf({ waves: both }), through: 'canary' });
    const run = await goUpgrade(sim, { runId: 'run2', replan: true });
    expect(run.kind).toBe('completed');
    expect(notes(run)).toEqual(['begin wave rest', 'begin the bake of wave rest', 'record verdict pass of wave rest']);
    expect(judgedFor(sim, 'rest')).toEqual(['baz', 'foo']);
  });

  it('does not include a namespace that joins the wave "*" after its verdict: it is restarted, and the wave judged again', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { through: 'rest' });
    appear(sim, 'late');
    await sim.settle();
    const run = await goUpgrade(sim, { runId: 'run2' });
    expect(run.kind).toBe('completed');
    expect(moves(run)).toEqual(['namespace late joined wave rest']);
    expect(notes(run)).toEqual(['begin wave rest', 'begin the bake of wave rest', 'record verdict pass of wave rest']);
    expect(judgedFor(sim, 'rest')).toEqual(['baz', 'foo', 'late']);
  });

  it('is not judged again when a namespace of the wave "*" was deleted', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { through: 'rest' });
    sim.registry.delete(Namespaces, { name: 'foo' });
    await sim.advance(60_000);
    const run = await goUpgrade(sim, { runId: 'run2' });
    expect(run.kind).toBe('completed');
    expect(moves(run)).toEqual(['namespace foo left wave rest']);
    expect(notes(run)).toEqual([]);
  });

  it('is judged again of a group whose namespace was deleted and created again', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { through: 'canary' });
    const run = goUpgrade(sim, {
      runId: 'run2',
      disturb: { at: isVerdictOf('rest'), how: 'kill' },
    });
    await run;
    sim.registry.delete(Namespaces, { name: 'foo' });
    await sim.advance(60_000);
    expect((await goUpgrade(sim, { runId: 'run3', through: 'rest' })).effects).toEqual([]);
    appear(sim, 'foo');
    await sim.settle();
    const last = await goUpgrade(sim, { runId: 'run4' });
    expect(last.kind).toBe('completed');
    expect(notes(last)).toContain('begin wave rest');
  });

  it('is not taken from a journal that does not say for which namespaces', async () => {
    const sim = await servingMesh({ seed });
    await goUpgrade(sim, { through: 'canary' });
    asBefore(sim);
    const run = await goUpgrade(sim, { runId: 'run2', through: 'canary' });
    expect(run.effects).toEqual([
      'begin wave canary',
      'begin the bake of wave canary',
      'record verdict pass of wave canary',
    ]);
  });

  it('stays failed when --replan changes the namespaces of the wave, and nothing more is restarted', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
    const more = 'on: { failure: hold }';
    expect((await goUpgrade(sim, { config: configOf({ more }) })).codes).toEqual(['GATE_FAILED']);
    const waves = '[{ name: canary, namespaces: [bar, foo] }, { name: rest, namespaces: "*" }]';
    const run = await goUpgrade(sim, { config: configOf({ more, waves }), runId: 'run2', replan: true });
    expect(run).toMatchObject({ kind: 'held', codes: ['GATE_FAILED'], effects: [] });
    expect(podsIn(sim)).toMatchObject({ foo: { [Old]: 2 } });
  });
});

describe(`a namespace that joins the tag while a run is under way (seed ${seed})`, () => {
  it('with pods on the old revision is restarted and judged, also after the last verdict', async () => {
    const sim = await servingMesh({ seed });
    appear(sim, 'late', Old);
    await sim.advance(6 * 60_000);
    let isLabelled = false;
    sim.when(
      () => journalIn(sim)?.marks.waves['rest']?.readyAt !== undefined,
      () => {
        isLabelled = true;
        label(sim, 'late', { 'istio.io/rev': 'default' });
      },
    );
    const run = await goUpgrade(sim);
    expect(isLabelled).toBe(true);
    expect(run.kind).toBe('completed');
    expect(moves(run)).toEqual(['namespace late joined wave rest']);
    expect(run.effects).toContain('restart Deployment late/late');
    expect(judgedFor(sim, 'rest')).toEqual(['baz', 'foo', 'late']);
  });

  it('does not delay the end when its pods were created on the new revision', async () => {
    const sim = await servingMesh({ seed });
    sim.when(
      () => journalIn(sim)?.marks.waves['rest']?.readyAt !== undefined,
      () => appear(sim, 'preview'),
    );
    const run = await goUpgrade(sim);
    expect(run.kind).toBe('completed');
    expect(moves(run)).toEqual([]);
    expect(podsIn(sim)).toMatchObject({ preview: { [New]: 1 } });
  });
});
