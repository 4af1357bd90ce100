import { Deployments, MutatingWebhooks, Services, ValidatingWebhooks } from '../../../src/ports/kinds.ts';
import type { Service, WebhookConfiguration, WorkloadObject } from '../../../src/ports/objects.ts';
import { allDefinitions, workloadId } from '../../../src/workloads/workloads.ts';
import { DEFAULT_HOP, type Hop } from '../../proof/lab/hop.ts';
import type { Backend, Conditions } from '../model/backend.ts';
import type { Sim } from '../sim/create-sim.ts';
import { rehearsalConfig, simConfigText } from './rehearsal-config.ts';
import { seenPod, tagOf } from './seen.ts';
import { changeOnSim } from './sim-changes.ts';
import { checkOnSim, planOnSim, statusOnSim } from './sim-looks.ts';
import { rpsOf, simMesh } from './sim-mesh.ts';
import { othersOnSim } from './sim-others.ts';
import { failRequests, releaseOnSim, repairOnSim, SimFaults } from './sim-troubles.ts';

interface SimBackendOptions {
  hop?: Hop;
  /** Gets the simulator itself before anything runs on it. */
  look?: (sim: Sim) => void;
}

/** The simulator: the same engine in process, an hour in a second. */
export async function simBackend(
  seed: number,
  conditions: Conditions,
  tell: (text: string) => void,
  { hop = DEFAULT_HOP, look }: SimBackendOptions = {},
): Promise<Backend> {
  const { from, to } = hop;
  const config = rehearsalConfig(simConfigText(to.version), conditions.config);
  const sim = await simMesh(conditions.mesh, seed, from);
  look?.(sim);
  releaseOnSim(sim, to.revision, conditions.release);
  const faults = new SimFaults(sim, to.revision, conditions.faults, rpsOf(conditions.mesh));
  const runs = { count: 0 };
  return {
    name: 'sim',
    from,
    to,
    now: () => sim.clock.now(),
    run: async (verb, options = {}) => {
      runs.count += 1;
      if (verb === 'check') return await checkOnSim(sim, config, tell);
      if (verb === 'plan') return await planOnSim(sim, config, tell);
      if (verb === 'status') return await statusOnSim(sim, tell);
      const ran = await changeOnSim(sim, { verb, config, faults, runId: `run${runs.count}`, tell, ...options });
      faults.runEnded();
      return ran;
    },
    faultsThatNeverBegan: () => faults.neverBegun,
    change: (change) => othersOnSim(sim, hop, change),
    breakRelease: async () => failRequests(sim, to.revision, conditions.release),
    repairRelease: async () => repairOnSim(sim, to.revision),
    pods: async () =>
      sim
        .pods()
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(seenPod),
    workloads: async () =>
      allDefinitions
        .flatMap(({ kind, resource }) =>
          sim.store.list<WorkloadObject>(resource).map(({ metadata }) => ({
            id: workloadId(kind, metadata.namespace ?? '', metadata.name),
            namespace: metadata.namespace ?? '',
            generation: metadata.generation ?? 0,
          })),
        )
        .filter(({ namespace }) => namespace !== 'istio-system'),
    tag: async () =>
      tagOf(
        sim.store.list<WebhookConfiguration>(MutatingWebhooks),
        sim.store.list<WebhookConfiguration>(ValidatingWebhooks),
        sim.store.list<Service>(Services, 'istio-system'),
      ),
    controlPlanes: async () => [
      ...sim.store
        .list<WorkloadObject>(Deployments, 'istio-system')
        .map(({ metadata }) => `Deployment ${metadata.name}`),
      ...sim.store
        .list<Service>(Services, 'istio-system')
        .filter(({ metadata }) => !metadata.name.startsWith('istiod-revision-tag'))
        .map(({ metadata }) => `Service ${metadata.name}`),
      ...sim.store
        .list<WebhookConfiguration>(MutatingWebhooks)
        .filter(({ metadata }) => metadata.name.startsWith('istio-sidecar-injector'))
        .map(({ metadata }) => `webhook ${metadata.name}`),
    ],
    snapshot: async (namespace) =>
      JSON.stringify([...sim.snapshot(namespace)].filter(([name]) => name !== 'ConfigMap/istio-ca-root-cert')),
    close: async () => undefined,
  };
}
