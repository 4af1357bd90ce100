import type { Config } from '../../../src/config/config.ts';
import { rollBack } from '../../../src/engine/roll-back.ts';
import type { Run } from '../../../src/engine/run.ts';
import { upgrade } from '../../../src/engine/upgrade.ts';
import { type Outcome, outcomes } from '../../../src/model/outcome.ts';
import { UpgradeError } from '../../../src/model/upgrade-error.ts';
import { consoleTeller } from '../../../src/report/console-teller.ts';
import { ReportWriter } from '../../../src/report/run-report.ts';
import { type Ran, type RunOptions, workBegan } from '../model/backend.ts';
import type { Sim } from '../sim/create-sim.ts';
import { simRun } from './sim-run.ts';
import type { SimFaults } from './sim-troubles.ts';

interface Change extends RunOptions {
  verb: string;
  config: Config;
  faults: SimFaults;
  runId: string;
  tell: (text: string) => void;
}

/** The verbs that change the mesh, told as on a screen that is no terminal. */
export async function changeOnSim(sim: Sim, change: Change): Promise<Ran> {
  const { config, faults, runId, tell, killAt, killAfterMs } = change;
  let log = '';
  let writer: ReportWriter | undefined;
  const killed = Promise.withResolvers<'killed'>();
  let kill: (() => void) | undefined;
  let isTimed = false;
  const write = (text: string) => {
    log += text;
    tell(text);
    if (killAt !== undefined && log.includes(killAt)) kill?.();
    if (killAfterMs === undefined || isTimed || !workBegan.test(log)) return;
    isTimed = true;
    sim.in(killAfterMs, () => kill?.());
  };
  const screen = consoleTeller({ write, isTTY: false, columns: 100 });
  const begun = await sim.run(
    simRun(sim, {
      runId,
      version: config.target.version,
      tag: config.mesh.tag,
      installer: config.mesh.installer,
      receive: (event) => {
        faults.see(event);
        writer?.receive(event);
        screen.receive(event);
      },
    }),
  );
  const { run, cluster } = begun;
  kill = () => {
    begun.kill();
    killed.resolve('killed');
  };
  writer = new ReportWriter(() => cluster.requests);
  try {
    const ended = await sim.run(Promise.race([carryOut(change, run, config), killed.promise]));
    if (ended === 'killed') return { exitCode: null, log, report: undefined };
    const report = writer.write(ended, run.journal.peek(), sim.clock.now());
    await sim.run(cluster.close());
    return { exitCode: exitCodeOf(change.verb, ended.kind), log, report };
  } catch (failure) {
    if (!(failure instanceof UpgradeError)) throw failure;
    write(`✘ ${failure.code}: ${failure.message}\n`);
    return { exitCode: 3, log, report: undefined };
  }
}

async function carryOut({ verb, through }: Change, run: Run, config: Config): Promise<Outcome> {
  if (verb === 'upgrade') return await upgrade(run, config, through === undefined ? {} : { through });
  if (verb === 'rollback') return await rollBack(run);
  throw new Error(`the simulator cannot rehearse the verb ${verb}`);
}

/** Who asks for the way back has got what was asked. */
const exitCodeOf = (verb: string, kind: Outcome['kind']): number =>
  verb === 'rollback' && kind === 'rolled-back' ? 0 : outcomes[kind].exitCode;
