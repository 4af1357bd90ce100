/** `npm run rehearse -- --backend lab --scenario seed`: a whole upgrade, on a mesh of its own, with expectations. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { RunReport } from '../src/report/run-report.ts';
import { elapsed } from '../src/report/render-event.ts';
import type { Backend } from './backends/backend.ts';
import { openBackend } from './backends/open-backend.ts';
import { LabRefused } from './lab/lab-errors.ts';
import { badRelease } from './scenarios/bad-release.ts';
import { Expectations } from './scenarios/expectations.ts';
import { killed } from './scenarios/killed.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { seed } from './scenarios/seed.ts';

const scenarios: readonly Scenario[] = [seed, badRelease, killed];

/** @returns whether every expectation held */
export async function rehearse(backendName: Backend['name'], scenario: Scenario, reportFolder: string, signal: AbortSignal): Promise<boolean> {
  const tell = (text: string) => void process.stdout.write(text);
  const startedAt = Date.now();
  tell(`Rehearsal ${scenario.name} on the ${backendName}: ${scenario.title}\n`);
  const backend = await openBackend(backendName, tell, signal);
  const expectations = new Expectations();
  let reports: readonly RunReport[];
  try {
    tell(`The mesh is ready after ${elapsed(Date.now() - startedAt)}.\n\n`);
    reports = await scenario.run(backend, expectations);
  } finally {
    await backend.close();
  }
  const durationMs = Date.now() - startedAt;
  mkdirSync(reportFolder, { recursive: true });
  const file = join(reportFolder, `rehearsal-report-${scenario.name}-${backendName}.json`);
  writeFileSync(file, `${JSON.stringify({ schema: 1, scenario: scenario.name, backend: backendName, durationMs, expectations: expectations.list, reports }, null, 2)}\n`);
  tell(`\n${timeline(reports)}\nExpectations\n`);
  for (const { claim, holds, saw } of expectations.list) tell(`  ${holds ? '✔' : '✘'} ${claim}${holds ? '' : `: ${saw}`}\n`);
  const { failed, list } = expectations;
  tell(`\n${failed.length === 0 ? '✔' : '✘'} ${scenario.name}: ${list.length - failed.length} of ${list.length} expectations hold, ${elapsed(durationMs)}. Report: ${file}\n`);
  return failed.length === 0 && list.length > 0;
}

function timeline(reports: readonly RunReport[]): string {
  return reports
    .map(({ stages, cost, startedAt }) => {
      const rows = stages.map(({ number, name, startedAt: at, durationMs, done }) => `  ${elapsed(at - startedAt).padStart(6)}  ${done ? '✔' : '✘'} ${number} ${name.padEnd(24)} ${(durationMs / 1000).toFixed(1).padStart(6)} s`);
      const costs = [
        cost.requestsPerRestart === null ? undefined : `${cost.restartedWorkloads} workloads restarted, ${cost.requestsPerRestartWhileRestarting} requests each while restarting, ${cost.requestsPerRestart} over the whole run`,
        cost.failToTagBackMs === null ? undefined : `tag back ${cost.failToTagBackMs} ms after the verdict`,
      ].filter((text) => text !== undefined);
      return ['Timeline', ...rows, ...costs.map((text) => `  ${text}`)].join('\n');
    })
    .join('\n');
}

const program = new Command('rehearse')
  .addOption(new Option('--backend <name>', 'what carries the mesh').choices(['lab', 'sim']).default('lab'))
  .addOption(new Option('--scenario <name>', 'what happens').choices(scenarios.map(({ name }) => name)).default('seed'))
  .option('--report-folder <folder>', 'where the report goes', '.')
  .action(async ({ backend, scenario, reportFolder }: { backend: Backend['name']; scenario: string; reportFolder: string }) => {
    const interruption = new AbortController();
    const interrupt = () => interruption.abort(new Error('interrupted'));
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    const chosen = scenarios.find(({ name }) => name === scenario) ?? seed;
    if (!(await rehearse(backend, chosen, reportFolder, interruption.signal))) process.exitCode = 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof LabRefused ? error.message : error);
  process.exitCode = error instanceof LabRefused ? error.exitCode : 1;
}
// Idle keep-alive connections to the lab would hold the process.
process.exit();
