/** `npm run rehearse -- --backend lab --scenario seed`: a whole upgrade, on a mesh of its own, with expectations. */
import { Command, Option } from 'commander';
import type { Backend, DoorName } from './backends/backend.ts';
import { LabRefused } from './lab/lab-errors.ts';
import { rehearse, scenarios } from './rehearsal.ts';
import type { Scenario } from './scenarios/scenario.ts';

/** The simulator runs in process, where no job could. */
const canOpen = (backend: Backend['name'], door: DoorName): boolean => backend === 'lab' || door === 'cli';

const program = new Command('rehearse')
  .addOption(new Option('--backend <name>', 'what carries the mesh').choices(['sim', 'lab']).default('sim'))
  .addOption(
    new Option('--scenario <name>', 'what happens')
      .choices([...scenarios.map(({ name }) => name), 'all'])
      .default('seed'),
  )
  .addOption(
    new Option('--door <name>', 'the command line, or action.yml as a job would (lab only)').choices(['cli', 'action']),
  )
  .option('--report-folder <folder>', 'where the report goes', '.')
  .action(
    async ({
      backend,
      scenario,
      door,
      reportFolder,
    }: {
      backend: Backend['name'];
      scenario: string;
      door?: DoorName;
      reportFolder: string;
    }) => {
      const fits = (each: Scenario) =>
        canOpen(backend, door ?? each.door ?? 'cli') && (door ?? each.door) === (each.door ?? door);
      const chosen = scenarios.filter((each) => (scenario === 'all' ? fits(each) : each.name === scenario));
      if (!chosen.every(fits))
        program.error(`scenario ${scenario} does not go through this door on the ${backend}`, { exitCode: 2 });
      const interruption = new AbortController();
      const interrupt = () => interruption.abort(new Error('interrupted'));
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
      const tell = (text: string) => void process.stdout.write(text);
      for (const each of chosen) {
        const { failed } = await rehearse(backend, each, {
          reportFolder,
          tell,
          signal: interruption.signal,
          ...(door && { door }),
        });
        if (failed.length > 0) process.exitCode = 1;
      }
    },
  );

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof LabRefused ? error.message : error);
  process.exitCode = error instanceof LabRefused ? error.exitCode : 1;
}
// Idle keep-alive connections to the lab would hold the process.
process.exit();
