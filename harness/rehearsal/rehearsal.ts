import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { renderHtmlReport } from '../../src/report/html/render-html-report.ts';
import { elapsed } from '../../src/report/render-event.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import type { SeenRequests } from '../proof/kind/requests.ts';
import type { Hop } from '../proof/lab/hop.ts';
import { openBackend } from './backends/open-backend.ts';
import type { Backend, EntryPoint } from './model/backend.ts';
import type { Scenario } from './model/scenario.ts';
import { type Expectation, Expectations } from './scenarios/expectations.ts';
import { type TimedEvent, tellAgain } from './scenarios/paced-telling.ts';
import { requestLines } from './scenarios/request-claims.ts';
import { type Done, runScenario } from './scenarios/run-scenario.ts';
import { timeline } from './scenarios/timeline.ts';

export interface Rehearsed {
  expectations: readonly Expectation[];
  failed: readonly Expectation[];
  reports: readonly RunReport[];
  reportFile: string;
}

export interface RehearseOptions {
  reportFolder: string;
  tell: (text: string) => void;
  signal: AbortSignal;
  seed?: number;
  entryPoint?: EntryPoint;
  /** Left out: the default one. */
  hop?: Hop | undefined;
  /** A minor of Kubernetes, on lab and kind. */
  kubernetes?: string | undefined;
  /** Virtual seconds a real one, for the telling only; left out: as it happens. */
  speed?: number;
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
    entryPoint = scenario.entryPoint ?? 'cli',
    speed,
    hop,
    kubernetes,
  }: RehearseOptions,
): Promise<Rehearsed> {
  const told: TimedEvent[] = [];
  let now = (): number => 0;
  const say = speed === undefined ? tell : (text: string) => void told.push({ text, at: now() });
  const where =
    backendName === 'sim'
      ? `simulator, seed ${seed}`
      : `${backendName}${entryPoint === 'action' ? ', through action.yml' : ''}`;
  say(`Rehearsal ${scenario.name}, ${where}: ${scenario.title}\n`);
  const opened = await openBackend(backendName, scenario, {
    tell: say,
    signal,
    seed,
    entryPoint,
    logs: join(reportFolder, `rehearsal-logs-${scenario.name}-${backendName}`),
    ...(hop && { hop }),
    ...(kubernetes !== undefined && { kubernetes }),
  });
  now = opened.now;
  // What was told before the mesh had a time was told when it began.
  for (const each of told) each.at = now();
  const startedAt = now();
  const { backend, summaries } = withSummaries(opened);
  const expectations = new Expectations();
  let done: Done;
  let pods: number;
  try {
    const mesh = await meshSize(backend);
    pods = mesh.pods;
    const hopText = `${backend.from.version} -> ${backend.to.version}`;
    say(`${hopText}, ${mesh.namespaces} namespaces, ${pods} pods in the mesh\n\n`);
    done = await runScenario(scenario, backend, expectations);
  } finally {
    await backend.close();
  }
  const durationMs = now() - startedAt;
  const { reports, requests } = done;
  const { list, failed } = expectations;
  if (list.length === 0) throw new Error(`scenario ${scenario.name} expects nothing`);
  const { json, page } = writeReports(reportFolder, {
    scenario,
    backend: backendName,
    durationMs,
    pods,
    expectations: list,
    reports,
    requests,
    summaries,
  });
  say(`\n${reports.map((report) => `${timeline(report).join('\n')}\n\n`).join('')}Expectations\n`);
  for (const { claim, holds, saw } of list) say(`  ${holds ? '✔' : '✘'} ${claim}${holds ? '' : `: ${saw}`}\n`);
  if (requests.length > 0)
    say(
      `\nRequests, as their clients saw them\n${requestLines(requests)
        .map((line) => `  ${line}\n`)
        .join('')}`,
    );
  const held = `${list.length - failed.length} of ${list.length} expectations hold`;
  say(`\n${failed.length === 0 ? '✔' : '✘'} ${scenario.name}: ${held}, ${elapsed(durationMs)} of the mesh's time\n`);
  say(`  Report: ${page}, as JSON: ${json}\n`);
  if (speed !== undefined) await tellAgain(told, speed, { tell, sleep: (ms) => sleep(ms, undefined, { signal }) });
  return { expectations: list, failed, reports, reportFile: json };
}

/** Of what has a sidecar or is a gateway. */
async function meshSize(backend: Backend): Promise<{ namespaces: number; pods: number }> {
  const pods = (await backend.pods()).filter(({ revision }) => revision !== 'none');
  return { namespaces: new Set(pods.map(({ namespace }) => namespace)).size, pods: pods.length };
}

/** Keeps the summaries of jobs. */
function withSummaries(opened: Backend): { backend: Backend; summaries: readonly string[] } {
  const summaries: string[] = [];
  const run: Backend['run'] = async (...call) => {
    const ran = await opened.run(...call);
    if (ran.job !== undefined) summaries.push(ran.job.summary);
    return ran;
  };
  return { backend: { ...opened, run }, summaries };
}

interface Written {
  scenario: Scenario;
  backend: Backend['name'];
  durationMs: number;
  pods: number;
  expectations: readonly Expectation[];
  reports: readonly RunReport[];
  requests: readonly SeenRequests[];
  summaries: readonly string[];
}

function writeReports(
  folder: string,
  { scenario, backend, summaries, ...rest }: Written,
): { json: string; page: string } {
  mkdirSync(folder, { recursive: true });
  const json = join(folder, `rehearsal-report-${scenario.name}-${backend}.json`);
  const content = { schema: 1, scenario: scenario.name, backend, ...rest };
  writeFileSync(json, `${JSON.stringify(content, null, 2)}\n`);
  const page = json.replace(/json$/, 'html');
  const title = `Rehearsal ${scenario.name} on the ${backend}: ${scenario.title}`;
  writeFileSync(page, renderHtmlReport(rest.reports, { title, expectations: rest.expectations }));
  // As GitHub would show them, one job below the other.
  if (summaries.length > 0)
    writeFileSync(join(folder, `rehearsal-summary-${scenario.name}-${backend}.md`), summaries.join('\n---\n\n'));
  return { json, page };
}
