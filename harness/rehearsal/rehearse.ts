/** `npm run rehearse`: a whole upgrade and a whole rollback, each on a mesh of its own, with expectations. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { ConfigError } from '../../src/config/config-errors.ts';
import { runInside, wantsOwnEngine } from '../proof/containers/inside.ts';
import { CommandFailed } from '../proof/kind/command-failed.ts';
import { KindRefused } from '../proof/kind/kind-refused.ts';
import { type Hop, parseHop } from '../proof/lab/hop.ts';
import { LabRefused } from '../proof/lab/lab-errors.ts';
import { InventoryUnfit } from './inventory/origin.ts';
import { rehearseInventory } from './inventory/rehearse-inventory.ts';
import type { Backend, EntryPoint } from './model/backend.ts';
import type { Scenario } from './model/scenario.ts';
import { rehearse } from './rehearsal.ts';
import { killedAtRandom } from './scenarios/killed-at-random.ts';
import { ScenarioInvalid } from './scenarios/load-scenario.ts';
import { findScenario, shippedNames, shippedScenarios, UnknownScenario } from './scenarios/shipped-scenarios.ts';

interface Options {
  backend: Backend['name'];
  scenario?: string;
  seed: number;
  namespaces?: number;
  kills?: number;
  speed?: number;
  entryPoint?: EntryPoint;
  inventory?: string;
  config?: string;
  reportFolder: string;
  kubernetes?: string;
  hop?: Hop;
}

const wholeFrom = (least: number) => (text: string) => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least) throw new InvalidArgumentError(`a whole number from ${least}`);
  return number;
};

const program = new Command('rehearse')
  .addOption(new Option('--backend <name>', 'what carries the mesh').choices(['sim', 'lab', 'kind']).default('sim'))
  .option(
    '--scenario <name>',
    `what happens: a file, all, or one of ${shippedNames().join(', ')}; left out: seed, then bad-release`,
  )
  .option('--seed <number>', 'decides every delay and name on the simulator', wholeFrom(0), 42)
  .option('--namespaces <count>', 'application namespaces of the mesh (simulator only)', wholeFrom(3))
  .option('--speed <factor>', 'tells so many seconds of the mesh in a real one (simulator only)', wholeFrom(1))
  .addOption(
    new Option('--entry-point <name>', 'the command line, or action.yml as a job would (not for sim)').choices([
      'cli',
      'action',
    ]),
  )
  .option('--kills <count>', 'instead of a scenario: kills the upgrade so many times at random', wholeFrom(1))
  .option('--inventory <file>', 'instead of a made mesh: yours, as `export` wrote it down (simulator only)')
  .option('--config <file>', 'with --inventory: the istio-upgrade.yaml to follow; left out: a sensible one')
  .option('--kubernetes <minor>', 'of the cluster, like 1.36 (not for sim)')
  .option(
    '--hop <from..to>',
    'the releases of Istio, like 1.30.4..1.31.0, or 1.30.4@default..1.31.0 from an installation without a revision',
    parseHop,
  )
  .option('--report-folder <folder>', 'where the report goes', '.')
  .action(
    async ({
      backend,
      scenario,
      entryPoint,
      namespaces,
      kills,
      inventory,
      config,
      kubernetes,
      hop,
      ...rest
    }: Options) => {
      const tell = (text: string) => void process.stdout.write(text);
      // A reader such as head closed the pipe.
      process.stdout.on('error', (failure: NodeJS.ErrnoException) => process.exit(failure.code === 'EPIPE' ? 0 : 1));
      if (inventory !== undefined) {
        if (
          backend !== 'sim' ||
          entryPoint !== undefined ||
          namespaces !== undefined ||
          kills !== undefined ||
          hop !== undefined
        )
          program.error('--inventory goes with --config, --scenario, --seed and --report-folder', { exitCode: 2 });
        const release = scenario === undefined ? undefined : findScenario(scenario);
        const { failed } = await rehearseInventory({ ...rest, inventory, config, scenario: release, tell });
        if (failed.length > 0) process.exitCode = 1;
        return;
      }
      if (config !== undefined) program.error('--config goes with --inventory', { exitCode: 2 });
      if (backend === 'sim' && kubernetes !== undefined)
        program.error('--kubernetes is for lab and kind', { exitCode: 2 });
      if (backend !== 'sim' && (namespaces !== undefined || rest.speed !== undefined))
        program.error('--namespaces and --speed are for the simulator', { exitCode: 2 });
      // The simulator runs in process, where no job could.
      const fits = (each: Scenario) =>
        each.backends.includes(backend) &&
        (entryPoint === undefined || each.entryPoint === undefined || entryPoint === each.entryPoint) &&
        (backend !== 'sim' || (entryPoint ?? 'cli') === 'cli');
      const chosen =
        scenario === 'all'
          ? shippedScenarios().filter(fits)
          : kills !== undefined
            ? [killedAtRandom(kills, rest.seed)]
            : (scenario === undefined ? ['seed', 'bad-release'] : [scenario]).map(findScenario);
      const misfit = chosen.find((each) => !fits(each));
      if (misfit !== undefined)
        program.error(`scenario ${misfit.name} does not go on this backend, or not through this entry point`, {
          exitCode: 2,
        });
      const interruption = new AbortController();
      const { signal } = interruption;
      const interrupt = () => interruption.abort(new Interrupted());
      // Not `once`: execa's own listener ends the process as soon as it is the only one left, and nothing would tidy up.
      process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
      if (backend === 'kind' && (await wantsOwnEngine(process.env))) {
        tell('This runs in the engine of `npm run containers`.\n');
        const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
        const options = { env: process.env, tell: (line: string) => tell(`${line}\n`), signal };
        process.exitCode = await runInside(again, options);
        return;
      }
      for (const [index, each] of chosen.entries()) {
        if (index > 0) tell(`\n${'─'.repeat(100)}\n\n`);
        const sized = namespaces === undefined ? each : { ...each, mesh: { ...each.mesh, namespaces } };
        const { failed } = await rehearse(backend, sized, {
          ...rest,
          tell,
          signal,
          ...(entryPoint && { entryPoint }),
          hop,
          kubernetes,
        });
        if (failed.length > 0) process.exitCode = 1;
      }
    },
  );

class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor() {
    super('Interrupted; what it created is deleted.');
  }
}

try {
  await program.parseAsync();
} catch (error) {
  const isInterrupted = error instanceof Interrupted;
  const refusals = [KindRefused, LabRefused, ScenarioInvalid, UnknownScenario, InventoryUnfit, ConfigError];
  const isRefusal = error instanceof Error && refusals.some((refusal) => error instanceof refusal);
  const isTold = isRefusal || isInterrupted || error instanceof CommandFailed;
  console.error(isTold ? (error as Error).message : error);
  process.exitCode = error instanceof LabRefused ? error.exitCode : isInterrupted ? 130 : isRefusal ? 2 : 1;
}
// Idle keep-alive connections to the lab would hold the process.
process.exit();
