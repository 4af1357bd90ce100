import { describe, expect, it } from 'vitest';
import { type Arena, openArena } from '../../../harness/proof/faults/arena.ts';
import type { Claim, Contender } from '../../../harness/proof/faults/contender.ts';
import type { InvariantId } from '../../../harness/proof/faults/invariants/invariant.ts';
import { revisionIn, revisionOfTagWebhook } from '../../../harness/proof/faults/mesh-facts.ts';
import { contenderOf, ours } from '../../../harness/proof/faults/ours.ts';
import { smallTask } from '../../../harness/proof/faults/task.ts';
import type { Config } from '../../../src/config/config.ts';
import { upgrade } from '../../../src/engine/upgrade.ts';
import type { Transport } from '../../../src/kubernetes/transport.ts';
import type { Outcome } from '../../../src/model/outcome.ts';
import { Deployments } from '../../../src/ports/kinds.ts';

const [Old, New] = [smallTask.from.revision, smallTask.to.revision];
const open = (task = smallTask): Promise<Arena> => openArena({ seed: 7, task });
const brokenIn = ({ breaches }: Arena): readonly InvariantId[] => [
  ...new Set(breaches.map(({ invariant }) => invariant)),
];

/** The product with other settings than it was asked for. */
const withConfig = (name: string, change: (config: Config) => Config): Contender =>
  contenderOf(name, (run, config) => upgrade(run, change(config)));

/** The product with another way to say how it ended. */
const withClaim = (name: string, change: (claim: Claim) => Claim): Contender => ({
  name,
  start: async (sim, options) => {
    const attempt = await ours.start(sim, options);
    return { ...attempt, done: attempt.done.then(change) };
  },
});

/** Takes our mark off every restart. */
const withoutTokens = (transport: Transport): Transport => ({
  send: (request) => {
    const { 'istio-canary-upgrade/run': _mark, ...annotations } = request.body?.includes('istio-canary-upgrade/run')
      ? JSON.parse(request.body).spec.template.metadata.annotations
      : {};
    const body = JSON.stringify({ spec: { template: { metadata: { annotations } } } });
    return transport.send(request.method === 'PATCH' ? { ...request, body } : request);
  },
});

/** A lock that everybody gets, each run one of its own, and a journal in which the last write wins. */
const withoutLock = (transport: Transport, runId: string): Transport => ({
  send: ({ path, body, ...request }) => {
    if (path.includes('/leases')) {
      const own = path.replace('/leases/istio-canary-upgrade-default', `/leases/lock-of-${runId}`);
      const named = body?.replace('"istio-canary-upgrade-default"', `"lock-of-${runId}"`);
      return transport.send({ ...request, path: own, ...(named === undefined ? {} : { body: named }) });
    }
    const unfenced = path.includes('/configmaps') ? body?.replace(/,"resourceVersion":"\d+"/, '') : body;
    return transport.send({ ...request, path, ...(unfenced === undefined ? {} : { body: unfenced }) });
  },
});

/** What a mutant says that has nothing to say. */
const nothing: Outcome = {
  kind: 'held',
  message: '',
  stage: '',
  wave: '',
  verdict: '',
  revision: '',
  problems: [],
  reason: '',
  next: '',
};

describe('the referee of the invariants', () => {
  it('finds no breach by the unchanged engine', async () => {
    const arena = await open();
    expect(await arena.attempt(ours)).toMatchObject({ end: 'completed' });
    expect(arena.breaches).toEqual([]);
  });

  it('I1: catches an engine that moves the tag to an istiod that does not answer', async () => {
    const arena = await open();
    arena.sim.kubelet.addRule({
      matches: ({ metadata }) => metadata.name.startsWith(`istiod-${New}`),
      stage: 'never-ready',
    });
    const hasty = contenderOf('moves the tag unseen', async ({ ports: { installers, meshTool } }) => {
      await installers('istioctl')
        .install({ revision: New, version: '1.31.0', readinessTimeoutMs: 1_000, set: [] })
        .catch(() => undefined);
      await meshTool.setTag('default', New, { autoInjectNamespaces: false });
      return nothing;
    });
    await arena.attempt(hasty);
    expect(brokenIn(arena)).toContain('I1');
  });

  it('I2: catches an engine that uninstalls without a proof that nothing uses the old istiod', async () => {
    const arena = await open();
    const unproven = contenderOf('uninstalls unproven', async (run, config) => {
      const reached = await upgrade(run, config, { through: 'canary' });
      await run.ports.installers('istioctl').remove({ revision: Old, version: '1.30.4' });
      return reached;
    });
    await arena.attempt(unproven);
    expect(brokenIn(arena)).toContain('I2');
  });

  it('I3: catches an engine that restarts more workloads at one time than the cap', async () => {
    const arena = await open();
    const eager = withConfig('knows no cap', (config) => ({
      ...config,
      pace: { ...config.pace, workloadsAtOnce: 20 },
    }));
    await arena.attempt(eager);
    expect(brokenIn(arena)).toEqual(['I3']);
  });

  it('I4: catches an engine that continues although the release fails requests', async () => {
    const arena = await open();
    arena.referee.conditions.badRelease = true;
    // So little is within every limit: to the referee the engine looks like one that ignores the verdict.
    arena.sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.0004 });
    await arena.attempt(withConfig('sees too little', (config) => config));
    expect(brokenIn(arena)).toContain('I4');
  });

  it('I5 and I8: catches an engine that reports a complete rollback after it moved only the tag', async () => {
    const arena = await open();
    arena.referee.conditions.mayBlameRelease = true;
    const halfway = contenderOf('moves only the tag back', async (run, config) => {
      const reached = await upgrade(run, config, { through: 'canary' });
      await run.ports.meshTool.setTag('default', Old, { autoInjectNamespaces: false });
      return { ...reached, kind: 'rolled-back', revision: Old };
    });
    await arena.attempt(halfway);
    expect(brokenIn(arena)).toEqual(['I5', 'I8']);
  });

  it('I6: catches an engine that does not know which restarts it has made', async () => {
    const arena = await open();
    // Longer than it takes to wonder whether the first restart was made.
    const stop = arena.sim.kubelet.addRule({
      matches: ({ metadata }) => metadata.namespace === 'bar',
      stage: 'never-ready',
    });
    arena.sim.in(120_000, stop);
    const forgetful = contenderOf(
      'does not check the token',
      (run, config) => upgrade(run, config),
      (parts) => ({ ...parts, transport: withoutTokens(parts.transport) }),
    );
    await arena.attempt(forgetful);
    expect(brokenIn(arena)).toContain('I6');
  });

  it('I7: catches an engine that has no lock and no fence when a second run starts', async () => {
    const arena = await open();
    let count = 0;
    const lockless = contenderOf(
      'has no lock',
      (run, config) => upgrade(run, config),
      (parts) => ({ ...parts, transport: withoutLock(parts.transport, `run${++count}`) }),
    );
    const first = await arena.begin(lockless);
    await arena.sim.advance(10_000);
    const second = await arena.begin(lockless);
    await arena.sim.run(Promise.all([first.ended, second.ended]));
    expect(brokenIn(arena)).toContain('I7');
  });

  it('I8: catches an engine that reports a wrong number of pods on the new revision', async () => {
    const arena = await open();
    await arena.attempt(withClaim('miscounts', (claim) => ({ ...claim, pods: { [New]: 3 } })));
    expect(brokenIn(arena)).toEqual(['I8']);
  });

  it('I11: catches an engine that goes back because one application fails', async () => {
    const arena = await open();
    arena.sim.kubelet.addRule({
      matches: (pod) => pod.metadata.namespace === 'foo' && revisionIn(pod) === New,
      stage: 'app-crash-loop',
    });
    const nervous = withConfig('allows no failure', (config) => ({
      ...config,
      on: { ...config.on, broken: { workloads: 0, ratio: 0 } },
    }));
    await arena.attempt(nervous);
    expect(brokenIn(arena)).toEqual(['I11']);
  });

  it('I12: catches an engine that does not name what its rollback has left behind', async () => {
    const arena = await open();
    const { sim, referee } = arena;
    referee.conditions.mayBlameRelease = true;
    sim.traffic.setErrorRatio({ revision: New, isGateway: false, ratio: 0.3 });
    const isAt = (revision: string) => () => revisionOfTagWebhook(sim, 'default') === revision;
    sim.when(isAt(New), () =>
      sim.when(isAt(Old), () => {
        sim.kubelet.addRule({
          matches: (pod) => pod.metadata.namespace === 'bar' && revisionIn(pod) === Old,
          stage: 'image-pull',
        });
      }),
    );
    await arena.attempt(
      withClaim('says nothing', ({ names, ...claim }) => ({ ...claim, ...(names && { names: [] }) })),
    );
    expect(brokenIn(arena)).toEqual(['I12']);
  });

  it('I9: catches an engine that never ends', async () => {
    const arena = await open({ ...smallTask, attemptMsMax: 60_000 });
    const patient: Contender = {
      name: 'waits for ever',
      start: async () => ({ done: new Promise(() => undefined), kill: () => undefined, interrupt: () => undefined }),
    };
    expect(await arena.attempt(patient)).toBe('endless');
    expect(brokenIn(arena)).toEqual(['I9']);
  });

  it('I10: catches an engine that restarts what is outside the plan', async () => {
    const arena = await open();
    const thorough = contenderOf('restarts everything', async ({ ports: { cluster } }) => {
      const annotations = { 'kubectl.kubernetes.io/restartedAt': 'now' };
      const body = { spec: { template: { metadata: { annotations } } } };
      await cluster.patch(
        Deployments,
        { namespace: 'outside', name: 'outside' },
        { type: 'strategic-merge', body, fieldManager: 'kubectl-rollout' },
      );
      return nothing;
    });
    await arena.attempt(thorough);
    expect(brokenIn(arena)).toEqual(['I10']);
  });
});
