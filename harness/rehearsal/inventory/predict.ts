import { check } from '../../../src/engine/check.ts';
import type { Inventory } from '../../../src/inventory/inventory-schema.ts';
import type { Checked } from '../../../src/model/checked.ts';
import type { Finding } from '../../../src/model/finding.ts';
import type { Plan } from '../../../src/model/plan.ts';
import type { RunReport } from '../../../src/report/run-report.ts';
import { seenPod } from '../backends/seen.ts';
import { changeOnSim } from '../backends/sim-changes.ts';
import { simRun } from '../backends/sim-run.ts';
import { releaseOnSim, SimFaults } from '../backends/sim-troubles.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Sim } from '../sim/create-sim.ts';
import type { Rehearsable } from './config-for-inventory.ts';
import { assumedRps, hasTraffic, meshOfInventory } from './mesh-of-inventory.ts';
import { serveAsMeasured } from './serve-as-measured.ts';
import { type Sight, sightOf } from './sight.ts';
import { type Stuck, stuckOf } from './stuck.ts';
import { type Surge, surgeOf } from './surge.ts';

/** What an upgrade of the inventory's mesh would come to. Times are milliseconds. */
export interface Prediction {
  schema: 1;
  from: string;
  to: string;
  /** Of the release that was rehearsed: as the scenario says, or a good one. */
  release: string;
  outcome: string;
  message: string;
  durationMs: number;
  stages: readonly { number: number; name: string; durationMs: number; done: boolean }[];
  waves: readonly { name: string; namespaces: readonly string[]; restartMs: number; bakeMs: number; verdict: string }[];
  surge: readonly Surge[];
  stuck: readonly Stuck[];
  sight: readonly Sight[];
  findings: readonly Finding[];
  end: { podsByRevision: Readonly<Record<string, number>>; controlPlanes: readonly string[] };
  assumptions: readonly string[];
}

export interface PredictOptions {
  seed: number;
  tell: (text: string) => void;
  scenario?: Scenario | undefined;
}

/** Loads the simulator with an inventory and upgrades it by the plan of a config, with the real engine. */
export async function predict(
  inventory: Inventory,
  { config, assumptions }: Rehearsable,
  { seed, tell, scenario }: PredictOptions,
): Promise<{ prediction: Prediction; report: RunReport | undefined }> {
  const sim = await meshOfInventory(inventory, { seed, scrapeIntervalMs: config.gate.intervalMs });
  // Before the measured times: a pod that cannot start is never late.
  if (scenario !== undefined) releaseOnSim(sim, config.target.revision, scenario.release);
  await serveAsMeasured(sim, inventory);
  const { plan, findings } = await checkOn(sim, config);
  const faults = new SimFaults(sim, config.target.revision, [], assumedRps);
  const { report, log } = await changeOnSim(sim, { verb: 'upgrade', config, faults, runId: 'rehearsal', tell });
  const last = log.trimEnd().split('\n').at(-1) ?? '';
  const prediction: Prediction = {
    schema: 1,
    from: plan.versions.from,
    to: plan.versions.to,
    release: scenario?.name ?? 'good',
    outcome: report?.outcome?.kind ?? 'refused',
    message: report?.outcome?.message ?? last,
    durationMs: report?.durationMs ?? 0,
    stages: (report?.stages ?? []).map(({ number, name, durationMs, done }) => ({ number, name, durationMs, done })),
    waves: plan.waves.map(({ name, namespaces }) => waveOf(name, namespaces, report)),
    surge: surgeOf(inventory, plan),
    stuck: stuckOf(inventory, plan),
    sight: sightOf(inventory, plan),
    findings: [...findings, ...(report?.outcome?.problems ?? [])],
    end: endOf(sim),
    assumptions: [...assumptions, ...assumptionsOf(inventory)],
  };
  return { prediction, report };
}

/** The plan, and all that stage 1 would say of it: an upgrade tells only what blocks. */
async function checkOn(sim: Sim, config: Rehearsable['config']): Promise<Checked> {
  const { run, cluster } = await sim.run(
    simRun(sim, { version: config.target.version, tag: config.mesh.tag, runId: 'rehearsal' }),
  );
  const checked = await sim.run(check(run, config));
  await sim.run(cluster.close());
  return checked;
}

function waveOf(
  name: string,
  namespaces: Plan['waves'][number]['namespaces'],
  report: RunReport | undefined,
): Prediction['waves'][number] {
  const phases = (report?.phases ?? []).filter(({ wave }) => wave === name);
  const took = (phase: string) =>
    phases.filter((each) => each.phase === phase).reduce((sum, { durationMs }) => sum + durationMs, 0);
  const verdict = report?.verdicts.findLast(({ wave }) => wave === name)?.verdict ?? 'not judged';
  return { name, namespaces, restartMs: took('restart'), bakeMs: took('bake'), verdict };
}

function endOf(sim: Sim): Prediction['end'] {
  const podsByRevision: Record<string, number> = {};
  const live = sim.pods().filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  for (const { revision } of live.map(seenPod))
    if (revision !== 'none') podsByRevision[revision] = (podsByRevision[revision] ?? 0) + 1;
  return { podsByRevision, controlPlanes: sim.istiods.revisions() };
}

function assumptionsOf(inventory: Inventory): readonly string[] {
  const { workloads, autoscalers, unread, nodes } = inventory;
  const unmeasured = workloads.filter(({ readySeconds }) => readySeconds === null).length;
  const mixed = workloads.filter(({ pods }) => Object.keys(pods).filter((each) => each !== 'none').length > 1).length;
  return [
    ...(hasTraffic(inventory)
      ? []
      : [`the traffic is not known: each proxy was given ${assumedRps} requests a second`]),
    ...(unmeasured === 0
      ? []
      : [`${unmeasured} workloads have no measured times: their pods are ready after a second`]),
    ...(mixed === 0 ? [] : [`${mixed} workloads run several revisions: here each begins on one`]),
    ...(autoscalers.length === 0 ? [] : [`${autoscalers.length} autoscalers keep still`]),
    ...(nodes === null ? ['the room on the nodes is not known'] : []),
    ...unread.map((what) => `missing in the inventory: ${what}`),
  ];
}
