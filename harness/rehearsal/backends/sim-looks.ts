import type { Config } from '../../../src/config/config.ts';
import { check } from '../../../src/engine/check.ts';
import { planFor } from '../../../src/engine/plan-for.ts';
import { statusOf } from '../../../src/engine/status.ts';
import { hashPlan } from '../../../src/plan/make-plan.ts';
import { renderCheck } from '../../../src/report/render-check.ts';
import { renderPlan } from '../../../src/report/render-plan.ts';
import { renderStatus } from '../../../src/report/render-status.ts';
import type { Ran } from '../model/backend.ts';
import type { Sim } from '../sim/create-sim.ts';
import { simRun } from './sim-run.ts';

/** The verbs that only look, as they would print. */
export async function checkOnSim(sim: Sim, config: Config, tell: (text: string) => void): Promise<Ran> {
  const { run, cluster } = await sim.run(
    simRun(sim, { version: config.target.version, installer: config.mesh.installer }),
  );
  const checked = await sim.run(check(run, config));
  await sim.run(cluster.close());
  return looked(renderCheck(checked), checked.blocked ? 3 : 0, tell);
}

export async function planOnSim(sim: Sim, config: Config, tell: (text: string) => void): Promise<Ran> {
  const { run, cluster } = await sim.run(
    simRun(sim, { version: config.target.version, installer: config.mesh.installer }),
  );
  const { plan, problems, resumed } = await sim.run(planFor(run, config, await sim.run(run.journal.load())));
  await sim.run(cluster.close());
  return looked(renderPlan(plan, hashPlan(plan), resumed), problems.length > 0 ? 3 : 0, tell);
}

export async function statusOnSim(sim: Sim, tell: (text: string) => void): Promise<Ran> {
  const { run, cluster } = await sim.run(simRun(sim));
  const status = await sim.run(statusOf(run, 'istio-system'));
  await sim.run(cluster.close());
  return looked(renderStatus(status, run.command), 0, tell);
}

function looked(lines: readonly string[], exitCode: number, tell: (text: string) => void): Ran {
  const log = `${lines.join('\n')}\n`;
  tell(log);
  return { exitCode, log, report: undefined };
}
