import type { Outcome } from '../../src/engine/outcome.ts';
import { exitCodes } from '../../src/engine/outcome.ts';
import { upgrade } from '../../src/engine/upgrade.ts';
import { UpgradeError } from '../../src/errors/upgrade-error.ts';
import {
  DaemonSets,
  Deployments,
  MutatingWebhooks,
  Services,
  StatefulSets,
  ValidatingWebhooks,
} from '../../src/kubernetes/kinds.ts';
import type { Service, WebhookConfiguration, WorkloadObject } from '../../src/kubernetes/objects.ts';
import { consoleTeller } from '../../src/report/console-teller.ts';
import { ReportWriter } from '../../src/report/run-report.ts';
import { createSim, type Sim } from '../sim/create-sim.ts';
import type { Backend, Ran } from './backend.ts';
import { seenPod, tagOf } from './seen.ts';
import { checkOnSim, planOnSim, statusOnSim } from './sim-looks.ts';
import { simConfig, simRun } from './sim-run.ts';

/** The simulator: the same engine in process, an hour in a second. */
export async function simBackend(seed: number, tell: (text: string) => void): Promise<Backend> {
  const sim = await createSim({ seed });
  // A mesh that has served for a while: Prometheus has samples to compare.
  await sim.advance(10 * 60_000);
  const runs = { count: 0 };
  return {
    name: 'sim',
    from: { version: '1.30.4', revision: '1-30-4' },
    to: { version: '1.31.0', revision: '1-31-0' },
    run: async (verb, options) => {
      runs.count += 1;
      if (verb === 'check') return await checkOnSim(sim, tell);
      if (verb === 'plan') return await planOnSim(sim, tell);
      if (verb === 'status') return await statusOnSim(sim, tell);
      return await upgradeOnSim(sim, `run${runs.count}`, tell, options?.killAt);
    },
    failRequests: async (revision, ratio) => sim.traffic.setErrorRatio({ revision, ratio }),
    pods: async () =>
      sim
        .pods()
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(seenPod),
    workloads: async () =>
      [Deployments, StatefulSets, DaemonSets]
        .flatMap((kind) =>
          sim.store.list<WorkloadObject>(kind).map(({ metadata }) => ({
            id: `${kind.kind} ${metadata.namespace}/${metadata.name}`,
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

async function upgradeOnSim(sim: Sim, runId: string, tell: (text: string) => void, killAt?: RegExp): Promise<Ran> {
  let log = '';
  let writer: ReportWriter | undefined;
  const killed = Promise.withResolvers<'killed'>();
  let kill: (() => void) | undefined;
  const write = (text: string) => {
    log += text;
    tell(text);
    if (killAt?.test(log)) kill?.();
  };
  const screen = consoleTeller({ write, isTTY: false, columns: 100 });
  const {
    run,
    cluster,
    kill: killRun,
  } = await sim.run(
    simRun(sim, {
      runId,
      tell: (event) => {
        writer?.tell(event);
        screen.tell(event);
      },
    }),
  );
  kill = () => {
    killRun();
    killed.resolve('killed');
  };
  writer = new ReportWriter(() => cluster.requests);
  try {
    const ended: Outcome | 'killed' = await sim.run(Promise.race([upgrade(run, simConfig()), killed.promise]));
    if (ended === 'killed') return { exitCode: null, log, report: undefined };
    const report = writer.write(ended, run.journal.peek(), sim.clock.now());
    await sim.run(cluster.close());
    return { exitCode: exitCodes[ended.kind].code, log, report };
  } catch (failure) {
    if (!(failure instanceof UpgradeError)) throw failure;
    tell(`✘ ${failure.code}: ${failure.message}\n`);
    return { exitCode: 3, log: `${log}${failure.code}: ${failure.message}`, report: undefined };
  }
}
