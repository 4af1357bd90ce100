/** `npm run rehearse -- --backend lab --scenario seed`: a whole upgrade, on a mesh of its own, with expectations. */
import { Command, Option } from 'commander';
import type { Backend } from './backends/backend.ts';
import { LabRefused } from './lab/lab-errors.ts';
import { rehearse, scenarios } from './rehearsal.ts';

const program = new Command('rehearse')
  .addOption(new Option('--backend <name>', 'what carries the mesh').choices(['sim', 'lab']).default('sim'))
  .addOption(
    new Option('--scenario <name>', 'what happens')
      .choices([...scenarios.map(({ name }) => name), 'all'])
      .default('seed'),
  )
  .option('--report-folder <folder>', 'where the report goes', '.')
  .action(
    async ({
      backend,
      scenario,
      reportFolder,
    }: {
      backend: Backend['name'];
      scenario: string;
      reportFolder: string;
    }) => {
      const interruption = new AbortController();
      const interrupt = () => interruption.abort(new Error('interrupted'));
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
      const tell = (text: string) => void process.stdout.write(text);
      for (const each of scenarios.filter(({ name }) => scenario === 'all' || name === scenario)) {
        const { failed } = await rehearse(backend, each, { reportFolder, tell, signal: interruption.signal });
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
