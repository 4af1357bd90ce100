import { describe, expect, it } from 'vitest';
import { Kubectl } from '../../../../harness/proof/bench/script/kubectl.ts';
import { parallel } from '../../../../harness/proof/bench/script/parallel.ts';
import { Shell } from '../../../../harness/proof/bench/script/shell.ts';
import { openArena } from '../../../../harness/proof/faults/arena.ts';
import { smallTask } from '../../../../harness/proof/faults/task.ts';
import { createSim, type Sim } from '../../../../harness/rehearsal/sim/create-sim.ts';
import { Deployments } from '../../../../src/ports/kinds.ts';
import type { WorkloadObject } from '../../../../src/ports/objects.ts';

const kubectlOf = (sim: Sim) => new Kubectl(sim.transport, sim.clock);
const failedWith = async (sim: Sim, command: Promise<unknown>) =>
  await sim.run(
    command.then(
      () => 'exit code 0',
      (failure: Error) => failure.message,
    ),
  );
const foo = (sim: Sim) => sim.store.get<WorkloadObject>(Deployments, 'foo', 'foo');

describe('kubectl of the script', () => {
  it('restarts a workload and waits until its new pods are there', async () => {
    const sim = await createSim({ seed: 1 });
    const kubectl = kubectlOf(sim);
    const before = sim.pods('foo').map(({ metadata }) => metadata.name);
    await sim.run(kubectl.rolloutRestart('deployment', 'foo', 'foo'));
    await sim.run(kubectl.rolloutStatus('deployment', 'foo', 'foo', { timeoutMs: 600_000 }));
    expect(foo(sim)?.metadata.managedFields?.some(({ manager }) => manager === 'kubectl-rollout')).toBe(true);
    await sim.settle();
    expect(sim.pods('foo').filter(({ metadata }) => before.includes(metadata.name))).toEqual([]);
  });

  it('waits no longer than its timeout', async () => {
    const sim = await createSim({ seed: 1 });
    sim.kubelet.addRule({ matches: ({ metadata }) => metadata.namespace === 'foo', stage: 'image-pull' });
    const kubectl = kubectlOf(sim);
    await sim.run(kubectl.rolloutRestart('deployment', 'foo', 'foo'));
    const begun = sim.clock.now();
    const words = await failedWith(sim, kubectl.rolloutStatus('deployment', 'foo', 'foo', { timeoutMs: 60_000 }));
    expect(words).toBe('kubectl rollout status deployment foo: exit code 1: timed out waiting for the condition');
    expect(sim.clock.now() - begun).toBeLessThan(61_000);
  });

  it('continues to watch after its watch was cut', async () => {
    const sim = await createSim({ seed: 1 });
    const kubectl = kubectlOf(sim);
    await sim.run(kubectl.rolloutRestart('deployment', 'foo', 'foo'));
    sim.in(500, () => sim.transport.watches.endAll());
    expect(await failedWith(sim, kubectl.rolloutStatus('deployment', 'foo', 'foo', { timeoutMs: 600_000 }))).toBe(
      'exit code 0',
    );
  });

  it('refuses to restart a paused Deployment', async () => {
    const sim = await createSim({ seed: 1 });
    sim.registry.patch(
      Deployments,
      { name: 'foo', namespace: 'foo' },
      { type: 'merge', body: { spec: { paused: true } } },
      { manager: 'test' },
    );
    expect(await failedWith(sim, kubectlOf(sim).rolloutRestart('deployment', 'foo', 'foo'))).toMatch(
      /exit code 1: can't restart paused deployment/,
    );
  });

  it('fails with the message of the server', async () => {
    const sim = await createSim({ seed: 1 });
    expect(await failedWith(sim, kubectlOf(sim).rolloutRestart('deployment', 'foo', 'missing'))).toMatch(
      /exit code 1: Error from server: deployments.apps "missing" not found/,
    );
  });
});

describe('the shell of the script', () => {
  it('treats a failed command in a for list as an empty list, and continues', async () => {
    const sim = await createSim({ seed: 1 });
    const connection = { transport: sim.transport, istioctl: (version: string) => sim.istioctlProcess(version) };
    const shell = new Shell({ connection, clock: sim.clock, version: '1.31.0', tell: () => undefined });
    sim.transport.access.deny({ resource: 'namespaces' });
    expect(await sim.run(shell.forList(() => shell.kubectl.names('namespace')))).toEqual([]);
  });

  it('ends with the exit code of the command that failed', async () => {
    const arena = await openArena({ seed: 1, task: smallTask });
    arena.tampers.push({ onIstioctl: (args) => (args[0] === 'tag' ? 'fail-before' : undefined) });
    expect(await arena.attempt(parallel)).toEqual({ end: 'unfinished', words: 'exit code 137' });
  });

  it('stops at once when it is interrupted', async () => {
    const arena = await openArena({ seed: 1, task: smallTask });
    const writes: number[] = [];
    arena.referee.writers.onWrite(({ at }) => writes.push(at));
    const begun = await arena.begin(parallel);
    arena.sim.in(3_000, begun.interrupt);
    expect(await arena.sim.run(begun.ended)).toEqual({ end: 'unfinished', words: 'exit code 130' });
    const diedAt = arena.sim.clock.now();
    await arena.sim.advance(600_000);
    expect(writes.filter((at) => at > diedAt)).toEqual([]);
    expect(writes.length).toBeGreaterThan(0);
  });
});
