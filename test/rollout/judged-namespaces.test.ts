import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { presentIn } from '../../src/mesh/marks-of.ts';
import type { Effect } from '../../src/model/effect.ts';
import type { JudgedEvidence } from '../../src/model/evidence.ts';
import { type Marks, marksWithin, type WaveMarks } from '../../src/model/marks.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Workload, World } from '../../src/model/world.ts';
import { makePlan, withRestOfNow } from '../../src/plan/make-plan.ts';
import { restartCanary } from '../../src/stages/5-restart-canary.ts';
import { judgeCanary } from '../../src/stages/6-judge-canary.ts';
import { restartWaves } from '../../src/stages/7-restart-waves.ts';
import { judged } from '../effects/effects-fixtures.ts';
import { controlPlane, injectionWebhooks, New, namespaces, Old, tagAt, workload } from '../mesh/world-fixtures.ts';

const follows = { 'istio.io/rev': 'default' };
const forward = { runId: 'run1', direction: 'forward' as const };
const configs = [
  '[{ name: canary, namespaces: [a] }, REST]',
  '[{ name: canary, namespaces: [a, b] }, REST]',
  '[REST]',
].flatMap((waves) =>
  ['100%', '50%', '2'].map((atOnce) =>
    loadConfig(
      `target: { version: 1.31.0 }\nwaves: ${waves.replace('REST', `{ name: rest, namespaces: "*", atOnce: ${atOnce} }`)}\ngate: { prometheus: "http://p:9090" }\n`,
      'test.yaml',
    ),
  ),
);

/** A mesh, the journal of its upgrade, and which namespaces the evidence of each verdict really included. */
class Upgrade {
  revisions = new Map(['a', 'b', 'c', 'd'].map((name) => [name, Old]));
  marks: Marks = { waves: {} };
  config = configs[0] ?? expect.fail();
  plan: Plan = this.#made(undefined);
  /** By wave: the namespaces whose pods on the new revision the evidence of its verdict counted. */
  readonly included = new Map<string, ReadonlySet<string>>();

  world(): World {
    const names = [...this.revisions.keys()];
    const world = {
      identity: { clusterUid: 'uid-1', kubernetesVersion: 'v1.36.3' },
      controlPlanes: new Map([Old, New].map((revision) => [revision, controlPlane(revision)])),
      tags: tagAt(New),
      webhooks: injectionWebhooks('istio-revision-tag-default', { tag: 'default', revision: New }),
      namespaces: namespaces(Object.fromEntries(names.map((name) => [name, follows]))),
      workloads: [...this.revisions].map(([name, revision]) => onRevision(name, revision)),
      troubles: [],
      marks: this.marks,
      setAside: new Map(),
      unchangedForMs: 0,
      now: 1_000_000,
    } as unknown as World;
    return { ...world, judged: [] };
  }

  appear(name: string, revision: string): void {
    if (this.revisions.has(name)) return;
    this.revisions.set(name, revision);
  }

  vanish(name: string): void {
    // The canary is named in the config: without it there is no plan.
    if (name !== 'a' && name !== 'b') this.revisions.delete(name);
  }

  replan(config: (typeof configs)[number]): void {
    this.config = config;
    this.resume();
  }

  resume(): void {
    this.#follow(this.#made(this.plan));
  }

  join(): void {
    this.#follow(withRestOfNow(this.plan, this.world(), 'to restart'));
  }

  /** One look of the first stage with something missing; whether none has. */
  step(): boolean {
    const looked = this.world();
    const waves = [...new Map(this.plan.waves.map((wave) => [wave.name, wave])).values()];
    // What the gate says of each wave whose bake has begun.
    const answers = waves.flatMap((wave): JudgedEvidence[] =>
      looked.marks.waves[wave.name]?.readyAt === undefined
        ? []
        : [{ ...judged, evidence: { ...judged.evidence, wave: wave.name } }],
    );
    const world = { ...looked, judged: answers };
    for (const stage of [restartCanary, judgeCanary, restartWaves]) {
      if (stage.missing(world, this.plan).length === 0) continue;
      for (const effect of stage.effects(world, this.plan)) this.#perform(effect, world);
      return false;
    }
    return true;
  }

  #follow(plan: Plan): void {
    this.plan = plan;
    this.marks = marksWithin(this.marks, plan.waves);
  }

  #made(before: Plan | undefined): Plan {
    return makePlan(this.world(), this.config, Old, 'run1', before && { plan: before, stays: new Set() }).plan;
  }

  #perform(effect: Effect, world: World): void {
    if (effect.kind === 'restart-workload') this.revisions.set(effect.workload.namespace, New);
    if (effect.kind === 'begin-wave') this.#mark(effect.wave, { namespaces: effect.namespaces, startedAt: 1 });
    if (effect.kind === 'begin-bake')
      this.#mark(effect.wave, { ...this.#of(effect.wave), namespaces: effect.namespaces, readyAt: 2 });
    if (effect.kind !== 'record-verdict') return;
    this.#mark(effect.wave, { ...this.#of(effect.wave), namespaces: effect.namespaces, verdict: effect.judged });
    // The gate counts the pods of the wave of the plan that run the new revision now.
    const wave = this.plan.waves.find(({ name }) => name === effect.wave);
    const counted = wave === undefined ? [] : presentIn(world, wave);
    this.included.set(effect.wave, new Set(counted.filter((name) => this.revisions.get(name) === New)));
  }

  #of = (wave: string): WaveMarks => this.marks.waves[wave] ?? {};
  #mark(wave: string, marks: WaveMarks): void {
    this.marks = { ...this.marks, waves: { ...this.marks.waves, [wave]: marks } };
  }
}

const onRevision = (name: string, revision: string): Workload =>
  workload(name, name, {
    pods: new Map([[revision, 2]]),
    podNames: new Map([[revision, [`${name}-1`]]]),
    restartedBy: revision === New ? forward : undefined,
  });

type Command = (upgrade: Upgrade) => void;
const name = fc.constantFrom('b', 'c', 'd', 'e', 'f', 'g');
const commands = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Command>((upgrade) => void upgrade.step()) },
  fc.tuple(name, fc.constantFrom(Old, New)).map(
    ([each, revision]): Command =>
      (upgrade) =>
        upgrade.appear(each, revision),
  ),
  name.map(
    (each): Command =>
      (upgrade) =>
        upgrade.vanish(each),
  ),
  fc.constantFrom(...configs).map(
    (config): Command =>
      (upgrade) =>
        upgrade.replan(config),
  ),
  fc.constant<Command>((upgrade) => upgrade.resume()),
  fc.constant<Command>((upgrade) => upgrade.join()),
);

describe('when stage 8 may begin', () => {
  it('the evidence of its verdict included every namespace of each wave of the plan', () => {
    let ends = 0;
    const property = fc.property(fc.array(commands, { maxLength: 60 }), (steps) => {
      const upgrade = new Upgrade();
      const expectAllJudged = () => {
        ends += 1;
        for (const wave of upgrade.plan.waves)
          for (const each of presentIn(upgrade.world(), wave)) {
            expect(upgrade.revisions.get(each), each).toBe(New);
            expect([...(upgrade.included.get(wave.name) ?? [])], `${each} in ${wave.name}`).toContain(each);
          }
      };
      for (const step of steps) {
        step(upgrade);
        if (upgrade.step()) expectAllJudged();
      }
      // Once nothing changes any more it ends.
      let left = 100;
      while (!upgrade.step()) expect(--left).toBeGreaterThan(0);
      expectAllJudged();
    });
    fc.assert(property, { seed: 62, numRuns: 200 });
    expect(ends).toBeGreaterThan(250);
  });
});
