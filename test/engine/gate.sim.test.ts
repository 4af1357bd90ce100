import { describe, expect, it } from 'vitest';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import type { TimedEvent } from '../../src/model/events.ts';
import type { KubernetesObject } from '../../src/model/kubernetes-object.ts';
import { GatewayApiGateways } from '../../src/ports/kinds.ts';
import {
  configOf,
  type Ended,
  goUpgrade,
  journalIn,
  New,
  Old,
  podsIn,
  seedPods,
  servingMesh,
  tagAt,
  tagIn,
  Watcher,
} from './engine-fixtures.ts';

const seed = 13;
const verdicts = ({ events }: Ended) =>
  events.flatMap((event) => (event.kind === 'verdict' ? [`${event.wave}: ${event.judged.verdict}`] : []));
const restartedIn = (watcher: Watcher, namespace: string) =>
  [...watcher.restarts].filter(([id]) => id.includes(` ${namespace}/`)).flatMap(([, tokens]) => tokens);
/** Forward effects that were begun after the first event of a kind. */
const forwardAfter = (events: readonly TimedEvent[], is: (event: TimedEvent) => boolean) => {
  const rest = events.slice(events.findIndex(is));
  const back = rest.findIndex((event) => event.kind === 'run-started' && event.direction === 'back');
  return rest
    .slice(0, back < 0 ? undefined : back)
    .flatMap((event) =>
      event.kind === 'effect-started' && event.effect.kind !== 'record-verdict' ? [event.effect.kind] : [],
    );
};
/** Does something to the mesh at the first moment at which a wave is ready. */
const whenReady = (sim: Sim, wave: string, action: () => void, afterMs = 0) =>
  sim.when(
    () => journalIn(sim)?.marks.waves[wave]?.readyAt !== undefined,
    () => sim.in(afterMs, action),
  );

describe(`a red gate (seed ${seed})`, () => {
  it('rolls the canary back, and changes no other wave', async () => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.2 });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(tagIn(sim)).toEqual(tagAt(Old));
    expect(podsIn(sim)).toEqual(seedPods(Old));
    expect(restartedIn(watcher, 'foo')).toEqual([]);
    expect(restartedIn(watcher, 'bar').map((mark) => mark.split('.')[1])).toEqual(['forward', 'back']);
    expect(forwardAfter(run.events, ({ kind }) => kind === 'verdict')).toEqual([]);
    expect(journalIn(sim)).toMatchObject({ state: 'rolled-back' });
    expect(watcher.blackouts).toEqual([]);
  });

  it('restarts nothing more if a wave fails soon after a short bake, before its restart is past', async () => {
    const sim = await servingMesh({ seed, scrapeIntervalMs: 5_000, rps: 50 });
    const usual = configOf();
    const gate = { ...usual.gate, bakeMs: 20_000, settleMs: 10_000, intervalMs: 5_000 };
    expect((await goUpgrade(sim, { config: { ...usual, gate }, through: 'canary' })).kind).toBe('reached');
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.2 });
    await sim.advance(10_000);
    const watcher = new Watcher(sim);
    const run = await goUpgrade(sim, { config: { ...usual, gate } });
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(restartedIn(watcher, 'foo')).toEqual([]);
  });

  it('rolls all waves back when one small namespace fails beside a busy one', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, namespace: 'foo', ratio: 0.3 });
    sim.traffic.setRate({ namespace: 'foo', rps: 10 });
    sim.traffic.setRate({ namespace: 'baz', rps: 1_000 });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(run.outcome?.problems[0]?.message).toContain('server-side errors of foo/foo');
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('does not stop the upgrade where a namespace fails no more than it did with the old release', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ namespace: 'foo', ratio: 0.05 });
    sim.traffic.setRate({ namespace: 'foo', rps: 10 });
    sim.traffic.setRate({ namespace: 'baz', rps: 200 });
    await sim.advance(600_000);
    expect((await goUpgrade(sim)).kind).toBe('completed');
  });

  it('rolls all waves back when a later one fails', async () => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    sim.traffic.setErrorRatio({ revision: New, namespace: 'foo', ratio: 0.3 });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(verdicts(run)).toEqual(['canary: pass', 'rest: fail']);
    expect(podsIn(sim)).toEqual(seedPods(Old));
    expect([...watcher.restarts.values()].every((tokens) => tokens.length === 2)).toBe(true);
    expect(watcher.restartedTwice).toEqual([]);
  });

  it('rolls all waves back when a wave that had passed fails during the bake of the next', async () => {
    const sim = await servingMesh({ seed });
    whenReady(sim, 'rest', () => sim.traffic.setErrorRatio({ revision: New, namespace: 'bar', ratio: 0.4 }), 20_000);
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(verdicts(run)).toEqual(['canary: pass', 'canary: fail']);
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('holds the upgrade when the policy says so, and starts nothing until a person decides', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.2 });
    const config = configOf({ more: 'on: { failure: hold }' });
    expect(await goUpgrade(sim, { config })).toMatchObject({ kind: 'held', codes: ['GATE_FAILED'] });
    expect(tagIn(sim)).toEqual(tagAt(New));
    const watcher = new Watcher(sim);
    expect(await goUpgrade(sim, { config, runId: 'run2' })).toMatchObject({ kind: 'held', codes: ['GATE_FAILED'] });
    expect([...watcher.restarts]).toEqual([]);
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0 });
    await sim.advance(60_000);
    expect(await goUpgrade(sim, { config, runId: 'run3', rejudge: true })).toMatchObject({ kind: 'completed' });
  });

  it('bakes a wave once more whose longest bake ended while no run looked', async () => {
    const sim = await servingMesh({ seed });
    const isBaking = (event: TimedEvent) => event.kind === 'effect-done' && event.effect.kind === 'begin-bake';
    const isCanary = () => journalIn(sim)?.marks.waves['canary']?.readyAt !== undefined;
    await goUpgrade(sim, { disturb: { how: 'kill', at: (event) => isBaking(event) && isCanary() } });
    // Too few requests all the time for a verdict.
    sim.traffic.setRate({ namespace: 'bar', rps: 0 });
    await sim.advance(60 * 60_000);
    expect(journalIn(sim)?.marks.waves['canary']?.verdict).toBeUndefined();
    sim.traffic.setRate({ namespace: 'bar', rps: 50 });
    expect(await goUpgrade(sim, { runId: 'run2' })).toMatchObject({ kind: 'completed' });
  });

  it('holds when the last wave fails somewhat more than usual, since no rest of the mesh tells whether others do too', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, namespace: 'foo', ratio: 0.03 });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'held', codes: ['GATE_INCONCLUSIVE'] });
    expect(run.outcome?.problems[0]?.message).toContain('no rest of the mesh to compare it with');
  });

  it('rolls the canary back when its requests no longer arrive, while the rest of the mesh has its traffic', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setRate({ revision: New, namespace: 'bar', rps: 0 });
    const run = await goUpgrade(sim, { config: configOf({ gate: 'maxBake: 10m' }) });
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(run.outcome?.problems[0]?.message).toContain('missing traffic of bar/bar');
  });

  it('rolls the canary back when its requests become ten times slower', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setDuration({ revision: New, meanMs: 120 });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(run.outcome?.problems[0]?.message).toContain('slow requests');
  });

  it('rolls the canary back when its servers refuse requests that they allowed before', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.05, failure: { responseCode: '403' } });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(run.outcome?.problems[0]?.message).toContain('refused');
  });

  it('rolls back at the first new pods of a canary whose requests all fail, before the wave is ready', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 1 });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
  });

  it('completes in a mesh whose usual error rate is above errorRatio', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ ratio: 0.02 });
    await sim.advance(6 * 3_600_000);
    expect((await goUpgrade(sim)).kind).toBe('completed');
  });

  it('completes when the whole mesh has an incident of others during the bake', async () => {
    const sim = await servingMesh({ seed });
    whenReady(sim, 'canary', () => {
      sim.traffic.setErrorRatio({ ratio: 0.04 });
      sim.in(60_000, () => sim.traffic.setErrorRatio({ ratio: 0 }));
    });
    expect((await goUpgrade(sim)).kind).toBe('completed');
  });

  it('rolls back when a wave fails while the old istiod soaks, which is the last moment at which there is a way back', async () => {
    const sim = await servingMesh({ seed });
    sim.when(
      () => journalIn(sim)?.marks.unusedSince !== undefined,
      () => sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.5 }),
    );
    const run = await goUpgrade(sim, { config: configOf({ soak: '5m' }) });
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('does not remove the old istiod while a wave fails more than usual and no rest of the mesh tells why', async () => {
    const sim = await servingMesh({ seed });
    sim.when(
      () => journalIn(sim)?.marks.unusedSince !== undefined,
      () => sim.traffic.setErrorRatio({ revision: New, namespace: 'bar', ratio: 0.03 }),
    );
    const run = await goUpgrade(sim, { config: configOf({ soak: '5m' }) });
    expect(run).toMatchObject({ kind: 'held', codes: ['GATE_INCONCLUSIVE'] });
    expect(run.effects).not.toContain(`uninstall istiod ${Old}`);
  });

  it('rolls back when a gateway fails a third of its requests, before any sidecar is restarted', async () => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    sim.traffic.setErrorRatio({ revision: New, namespace: 'istio-ingress', ratio: 0.33 });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(run.outcome?.problems[0]?.message).toContain('Wave gateways failed: errors of its own calls');
    expect(['bar', 'foo', 'baz'].flatMap((name) => restartedIn(watcher, name))).toEqual([]);
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });

  it('rolls back when a gateway that was replaced as the tag moved fails its requests, before any restart', async () => {
    const sim = await servingMesh({ seed, more: [{ name: 'gw' }] });
    sim.installGatewayApi();
    sim.registry.create(GatewayApiGateways, {
      metadata: { name: 'auto', namespace: 'gw' },
      spec: { gatewayClassName: 'istio', listeners: [{ port: 80 }] },
    } as KubernetesObject);
    await sim.settle();
    const watcher = new Watcher(sim);
    sim.traffic.setErrorRatio({ revision: New, namespace: 'gw', ratio: 0.4 });
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
    expect(run.outcome?.problems[0]?.message).toContain('Wave gateways failed: errors of its own calls');
    expect(['bar', 'foo', 'baz'].flatMap((name) => restartedIn(watcher, name))).toEqual([]);
    expect(sim.pods('gw').map(({ metadata }) => metadata.annotations?.['istio.io/rev'])).toEqual([Old]);
  });

  it('fails on configuration that proxies reject', async () => {
    const sim = await servingMesh({ seed });
    whenReady(sim, 'canary', () => sim.traffic.reject(New), 5_000);
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
  });

  it('fails on errors that are gRPC, though HTTP says 200', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({
      revision: New,
      isGateway: false,
      ratio: 0.3,
      failure: { responseCode: '200', grpcStatus: '14' },
    });
    expect(await goUpgrade(sim)).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
  });
});

describe(`an upgrade of a mesh that has lost its traffic (seed ${seed})`, () => {
  const silent = async () => {
    const sim = await servingMesh({ seed });
    whenReady(sim, 'canary', () => sim.traffic.setRate({ rps: 0 }));
    return sim;
  };

  it('holds by default, and is baked again by the next run', async () => {
    const sim = await silent();
    const first = await goUpgrade(sim);
    expect(first).toMatchObject({ kind: 'held', codes: ['GATE_INCONCLUSIVE'] });
    expect(tagIn(sim)).toEqual(tagAt(New));
    sim.traffic.setRate({ rps: 50 });
    const second = await goUpgrade(sim, { runId: 'run2' });
    expect(second.kind).toBe('completed');
    expect(second.effects.slice(0, 2)).toEqual(['begin the bake of wave canary', 'record verdict pass of wave canary']);
  });

  it('rolls back when the policy says so', async () => {
    const sim = await silent();
    const config = configOf({ more: 'on: { inconclusive: rollback }' });
    expect(await goUpgrade(sim, { config })).toMatchObject({ kind: 'rolled-back', codes: ['GATE_INCONCLUSIVE'] });
    expect(podsIn(sim)).toEqual(seedPods(Old));
  });
});

describe(`an upgrade whose telemetry fails during the bake (seed ${seed})`, () => {
  const outages: { what: string; begin: (sim: Sim) => () => void }[] = [
    {
      what: 'Prometheus is down',
      begin: ({ prometheus: { faults } }) => {
        faults.down = true;
        return () => {
          faults.down = false;
        };
      },
    },
    {
      what: 'Prometheus warns',
      begin: ({ prometheus: { faults } }) => {
        faults.warnings = ['shard 3 did not answer'];
        return () => {
          faults.warnings = [];
        };
      },
    },
    {
      what: 'every answer is empty',
      begin: ({ prometheus: { faults } }) => {
        faults.empty = true;
        return () => {
          faults.empty = false;
        };
      },
    },
    { what: 'the canary is no longer scraped', begin: (sim) => sim.prometheus.stopScraping('bar') },
    { what: 'istiod is no longer scraped', begin: (sim) => sim.prometheus.stopScraping('istio-system') },
  ];

  it.for(outages)('waits while $what, and continues when it is back', async ({ begin }) => {
    const sim = await servingMesh({ seed });
    let ended = Number.POSITIVE_INFINITY;
    whenReady(
      sim,
      'canary',
      () => {
        const end = begin(sim);
        sim.in(4 * 60_000, () => {
          end();
          ended = sim.clock.now();
        });
      },
      40_000,
    );
    const run = await goUpgrade(sim);
    expect(run.kind).toBe('completed');
    const passed = run.events.find(({ kind }) => kind === 'verdict')?.at ?? 0;
    expect(passed).toBeGreaterThanOrEqual(ended);
  });

  it.for(outages)('never passes while $what: it ends inconclusive, and restarts nothing more', async ({ begin }) => {
    const sim = await servingMesh({ seed });
    const watcher = new Watcher(sim);
    whenReady(sim, 'canary', () => void begin(sim), 40_000);
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'held', codes: ['GATE_INCONCLUSIVE'] });
    expect(restartedIn(watcher, 'foo')).toEqual([]);
  });

  // The others block a run that resumes in stage 1 already.
  const seenLate = outages.filter(({ what }) => what === 'Prometheus warns' || what.startsWith('the canary'));
  it.for(seenLate)('begins no other wave while $what after the canary has passed', async ({ begin }) => {
    const sim = await servingMesh({ seed });
    expect((await goUpgrade(sim, { through: 'canary' })).kind).toBe('reached');
    const end = begin(sim);
    // Samples of before are fresh for three scrapes.
    await sim.advance(60_000);
    const watcher = new Watcher(sim);
    const run = goUpgrade(sim);
    let whileOut: readonly string[] = [];
    sim.in(5 * 60_000, () => {
      whileOut = restartedIn(watcher, 'foo');
      end();
    });
    expect((await run).kind).toBe('completed');
    expect(whileOut).toEqual([]);
    expect(restartedIn(watcher, 'foo')).not.toEqual([]);
  });

  it('holds, whatever the policy, when Prometheus says nothing of a wave that has passed for longer than pace.patience', async () => {
    const sim = await servingMesh({ seed });
    const config = configOf({ more: 'on: { inconclusive: rollback }\npace: { patience: 5m }' });
    expect((await goUpgrade(sim, { config, through: 'canary' })).kind).toBe('reached');
    sim.prometheus.faults.warnings = ['shard 3 did not answer'];
    const watcher = new Watcher(sim);
    expect(await goUpgrade(sim, { config })).toMatchObject({ kind: 'held', codes: ['WAVE_NOT_SEEN'] });
    expect(restartedIn(watcher, 'foo')).toEqual([]);
    sim.prometheus.faults.warnings = [];
    expect((await goUpgrade(sim, { config })).kind).toBe('completed');
  });

  it('fails the gate on failing requests although other queries fail', async () => {
    const sim = await servingMesh({ seed });
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
    whenReady(sim, 'canary', () => sim.prometheus.stopScraping('istio-system'), 1_000);
    const run = await goUpgrade(sim);
    expect(run).toMatchObject({ kind: 'rolled-back', codes: ['GATE_FAILED'] });
  });
});
