import { simBackend } from '../../harness/rehearsal/backends/sim-backend.ts';
import { simRun } from '../../harness/rehearsal/backends/sim-run.ts';
import { Expectations } from '../../harness/rehearsal/scenarios/expectations.ts';
import { runScenario } from '../../harness/rehearsal/scenarios/run-scenario.ts';
import { findScenario } from '../../harness/rehearsal/scenarios/shipped-scenarios.ts';
import type { Sim } from '../../harness/rehearsal/sim/create-sim.ts';
import { ownedObjects } from '../../harness/rehearsal/sim/istio/prune.ts';
import { finalize } from '../../src/engine/finalize.ts';
import { removeNew } from '../../src/engine/roll-back.ts';
import { unlock } from '../../src/engine/unlock.ts';
import type { TimedEvent } from '../../src/model/events.ts';
import { MutatingWebhooks, Services, ValidatingWebhooks } from '../../src/ports/kinds.ts';
import type { Right } from '../../src/ports/kubernetes.ts';
import { configOf, type Ended, go, goBack, goUpgrade, New, Old, servingMesh } from '../engine/engine-fixtures.ts';

/** Every right that requests of the engine itself have needed, without the rights that istioctl needs. */
export class RightsUsed {
  readonly #rights = new Map<string, Right>();
  #isPaused = false;

  get all(): readonly Right[] {
    return [...this.#rights.values()];
  }

  add(other: RightsUsed): void {
    for (const right of other.all) this.#rights.set(JSON.stringify(right), right);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
  }

  see = (sim: Sim): void => {
    sim.transport.access.listeners.push(({ verb, group, resource, subresource, namespace }) => {
      if (this.#isPaused) return;
      const right: Right = {
        verb,
        group,
        resource,
        ...(subresource === undefined ? {} : { subresource }),
        ...(namespace === undefined ? {} : { namespace }),
      };
      this.#rights.set(JSON.stringify(right), right);
    });
  };
}

/** @throws Error when an expectation of the scenario fails: then its requests are not those of the scenario */
export async function playScenario(name: string, used: RightsUsed): Promise<void> {
  const scenario = findScenario(name);
  const expectations = new Expectations();
  await runScenario(scenario, await simBackend(42, scenario, () => undefined, { look: used.see }), expectations);
  if (expectations.failed.length > 0) throw new Error(`${name} fails: ${JSON.stringify(expectations.failed)}`);
}

/** The commands that only read, before, in the middle of and after an upgrade. */
export async function playLooks(used: RightsUsed): Promise<void> {
  const backend = await simBackend(42, findScenario('seed'), () => undefined, { look: used.see });
  for (const through of ['canary', undefined]) {
    for (const verb of ['check', 'plan', 'status']) await backend.run(verb);
    used.pause();
    await backend.run('upgrade', { through });
    used.resume();
  }
  await backend.run('status');
}

/** An upgrade up to the canary, then a rollback, for which istioctl may be missing; of a tag that had a webhook and nothing else. */
export async function playRollback(used: RightsUsed, { istioctl }: { istioctl: boolean }): Promise<void> {
  const sim = await servingMesh({ seed: 7 });
  sim.registry.delete(Services, { name: 'istiod-revision-tag-default', namespace: 'istio-system' });
  sim.registry.delete(ValidatingWebhooks, { name: 'istiod-default-validator' });
  await ended('reached', goUpgrade(sim, { through: 'canary' }));
  if (!istioctl) {
    sim.registry.delete(MutatingWebhooks, { name: 'istio-revision-tag-default' });
    sim.interceptIstioctl = () => 'fail-before';
  }
  used.see(sim);
  await ended('rolled-back', goBack(sim, { runId: 'run2' }));
}

/** `rollback --remove-new` after a release that failed; its first removal is interrupted after one object. */
export async function playRemoveNew(used: RightsUsed): Promise<void> {
  const sim = await servingMesh({ seed: 7 });
  sim.traffic.setErrorRatio({ revision: New, ratio: 0.3 });
  await ended('rolled-back', goUpgrade(sim));
  used.see(sim);
  cutUninstall(sim, New);
  await go(sim, (run) => removeNew(run), { runId: 'run2' });
  await sim.advance(30 * 60_000);
  await ended(
    'completed',
    go(sim, (run) => removeNew(run), { runId: 'run3' }),
  );
}

/** Stage 8, interrupted in the middle of istioctl's work and completed by the next run. */
export async function playCutUninstall(used: RightsUsed): Promise<void> {
  const sim = await servingMesh({ seed: 7 });
  used.see(sim);
  cutUninstall(sim, Old);
  await ended('held', goUpgrade(sim));
  await sim.advance(30 * 60_000);
  await ended('completed', goUpgrade(sim, { runId: 'run2' }));
}

/** A run that was killed: `unlock` ends its lock, and `finalize` rolls back. */
export async function playKilled(used: RightsUsed): Promise<void> {
  const sim = await servingMesh({ seed: 7 });
  const disturb = {
    at: (event: TimedEvent) => event.kind === 'stage-started' && event.step === 'judge-canary',
    how: 'kill',
  } as const;
  await ended('killed', goUpgrade(sim, { disturb }));
  used.see(sim);
  const { cluster } = await sim.run(simRun(sim, { runId: 'run2' }));
  await sim.run(unlock(cluster, { istioNamespace: 'istio-system', tag: 'default' }, 'run1'));
  await sim.run(cluster.close());
  const policy = { ...configOf().on, failure: 'rollback' } as const;
  await ended(
    'rolled-back',
    go(sim, (run) => finalize(run, policy, { after: 'failed' }), { runId: 'run3' }),
  );
}

/** The first real uninstall deletes one object, and does not return. */
function cutUninstall(sim: Sim, revision: string): void {
  let isCut = false;
  sim.interceptIstioctl = (args) => {
    if (isCut || args[0] !== 'uninstall' || args.includes('--dry-run')) return undefined;
    isCut = true;
    for (const { kind, object } of ownedObjects(sim.registry, revision).slice(0, 1))
      sim.registry.delete(kind, object.metadata);
    return 'hang-before';
  };
}

async function ended(kind: Ended['kind'], run: Promise<Ended>): Promise<void> {
  const { kind: saw, codes } = await run;
  if (saw !== kind) throw new Error(`the run should end ${kind}, but it ended ${saw}: ${codes.join(', ')}`);
}
