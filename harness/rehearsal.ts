import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderHtmlReport } from '../src/report/html/render-html-report.ts';
import { elapsed } from '../src/report/render-event.ts';
import type { RunReport } from '../src/report/run-report.ts';
import type { Backend, DoorName } from './backends/backend.ts';
import { openBackend } from './backends/open-backend.ts';
import { badRelease } from './scenarios/bad-release.ts';
import { cancelled } from './scenarios/cancelled.ts';
import { type Expectation, Expectations } from './scenarios/expectations.ts';
import { killed } from './scenarios/killed.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { seed } from './scenarios/seed.ts';

export const scenarios: readonly Scenario[] = [seed, badRelease, killed, cancelled];

export interface Rehearsed {
  expectations: readonly Expectation[];
  failed: readonly Expectation[];
  reports: readonly RunReport[];
  reportFile: string;
}

/** One scenario on a fresh mesh, told as it happens; the mesh is gone afterwards, whatever happened. */
export async function rehearse(
  backendName: Backend['name'],
  scenario: Scenario,
  {
    reportFolder,
    tell,
    signal,
    seed = 42,
    door = scenario.door ?? 'cli',
  }: { reportFolder: string; tell: (text: string) => void; signal: AbortSignal; seed?: number; door?: DoorName },
): Promise<Rehearsed> {
  const startedAt = Date.now();
  tell(
    `Rehearsal ${scenario.name} on the ${backendName}${door === 'action' ? ', through action.yml' : ''}: ${scenario.title}\n`,
  );
  const opened = await openBackend(backendName, { tell, signal, seed, door });
  const summaries: string[] = [];
  const backend: Backend = {
    ...opened,
    run: async (...call) => {
      const ran = await opened.run(...call);
      if (ran.job !== undefined) summaries.push(ran.job.summary);
      return ran;
    },
  };
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
  writeFileSync(
    file,
    `${JSON.stringify({ schema: 1, scenario: scenario.name, backend: backendName, durationMs, expectations: expectations.list, reports }, null, 2)}\n`,
  );
  const page = file.replace(/json$/, 'html');
  writeFileSync(
    page,
    renderHtmlReport(reports, {
      title: `Rehearsal ${scenario.name} on the ${backendName}: ${scenario.title}`,
      expectations: expectations.list,
    }),
  );
  // As GitHub would show them, one job below the other.
  if (summaries.length > 0)
    writeFileSync(
      join(reportFolder, `rehearsal-summary-${scenario.name}-${backendName}.md`),
      summaries.join('\n---\n\n'),
    );
  tell(`\n${timeline(reports)}\nExpectations\n`);
  for (const { claim, holds, saw } of expectations.list)
    tell(`  ${holds ? '✔' : '✘'} ${claim}${holds ? '' : `: ${saw}`}\n`);
  const { failed, list } = expectations;
  tell(
    `\n${failed.length === 0 ? '✔' : '✘'} ${scenario.name}: ${list.length - failed.length} of ${list.length} expectations hold, ${elapsed(durationMs)}. Report: ${page}, as JSON: ${file}\n`,
  );
  if (list.length === 0) throw new Error(`scenario ${scenario.name} expects nothing`);
  return { expectations: list, failed, reports, reportFile: file };
}

function timeline(reports: readonly RunReport[]): string {
  return reports
    .map(({ stages, cost, startedAt }) => {
      const rows = stages.map(
        ({ number, name, startedAt: at, durationMs, done }) =>
          `  ${elapsed(at - startedAt).padStart(6)}  ${done ? '✔' : '✘'} ${number} ${name.padEnd(24)} ${(durationMs / 1000).toFixed(1).padStart(6)} s`,
      );
      const costs = [
        cost.requestsPerRestart === null
          ? undefined
          : `${cost.restartedWorkloads} workloads restarted, ${cost.requestsPerRestartWhileRestarting} requests each while restarting, ${cost.requestsPerRestart} over the whole run`,
        cost.failToTagBackMs === null ? undefined : `tag back ${cost.failToTagBackMs} ms after the verdict`,
      ].filter((text) => text !== undefined);
      return ['Timeline', ...rows, ...costs.map((text) => `  ${text}`)].join('\n');
    })
    .join('\n');
}
