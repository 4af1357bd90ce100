import { parseArgs } from 'node:util';
import { type Goldens, type Job, type JobResult, runJob } from './job.ts';
import { ours } from './ours.ts';
import { inWorkers } from './pool.ts';
import { shrunk } from './shrink.ts';
import { casesOf, goldenRun } from './sweep.ts';
import { renderInvariants, renderTable } from './table.ts';
import { titles } from './troubles/index.ts';

const usage = `Sends an upgrade through faults and asserts twelve invariants after every event of the simulation.

  --seeds N        so many runs with faults drawn from a seed (100)
  --from S         the first seed (1)
  --only 0,2       of what a seed draws, only the troubles of these places
  --sweep          instead: every step of an undisturbed run with every fault
  --case TEXT      of the sweep, only the cases whose name contains this
  --workers N      threads (2)
  --verbose        tell the story of each run
  --budget S       begin nothing more after so many seconds
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    only: { type: 'string' },
    sweep: { type: 'boolean', default: false },
    case: { type: 'string' },
    workers: { type: 'string', default: '2' },
    verbose: { type: 'boolean', default: false },
    budget: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);

if (values.help) say(usage);
else process.exitCode = await main();

/** @returns the exit code: 1 when something broke */
async function main(): Promise<number> {
  const goldens: Goldens = { good: await goldenRun(ours, 'good'), bad: await goldenRun(ours, 'bad') };
  const jobs = values.sweep ? sweepJobs(goldens) : seedJobs();
  if (jobs.length === 0) throw new Error('there is nothing to run: no seed, and no case of that name');
  const startedAt = performance.now();
  const results: JobResult[] = [];
  const had = (result: JobResult) => {
    results.push(result);
    if (result.wrong.length > 0) say(describeFailure(result));
  };
  const budgeted = withinBudget(jobs, startedAt);
  if (values.verbose) for (const job of budgeted) had(await runJob(ours, goldens, job, say));
  else await inWorkers(budgeted, { count: count('workers', values.workers), goldens, had });
  const seconds = (performance.now() - startedAt) / 1_000;
  say(
    `\n${renderTable(results, (kind) => (kind in titles ? `${kind} ${titles[kind as keyof typeof titles]}` : kind))}\n`,
  );
  say(`${results.length} runs in ${seconds.toFixed(0)} s, ${(results.length / seconds).toFixed(1)} runs/s`);
  say(renderInvariants(results));
  const failed = results.filter(({ wrong }) => wrong.length > 0);
  await sayShortest(goldens, failed);
  return failed.length > 0 || results.length < jobs.length ? 1 : 0;
}

function seedJobs(): Job[] {
  const only = values.only?.split(',').map(Number);
  const from = count('from', values.from);
  return Array.from({ length: count('seeds', values.seeds ?? '100') }, (_, index) => ({
    seed: from + index,
    ...(only === undefined ? {} : { only }),
  }));
}

function sweepJobs({ good, bad }: Goldens): Job[] {
  const wanted = values.case ?? '';
  return [...casesOf(good), ...casesOf(bad)]
    .map((each) => ({ case: each }))
    .filter((job) => nameOf(job).includes(wanted));
}

function* withinBudget(jobs: readonly Job[], startedAt: number): Generator<Job> {
  const budgetMs = values.budget === undefined ? Number.POSITIVE_INFINITY : count('budget', values.budget) * 1_000;
  for (const job of jobs) {
    if (performance.now() - startedAt > budgetMs) return;
    yield job;
  }
}

function nameOf(job: Job): string {
  if ('seed' in job) return `seed ${job.seed}`;
  const { release, step, fault } = job.case;
  return `${release} release, step ${step.number}, ${fault}`;
}

function replayOf(job: Job): string {
  if ('case' in job) return `npm run faults -- --sweep --case '${nameOf(job)}' --verbose`;
  const only = job.only === undefined ? '' : ` --only ${job.only.join(',')}`;
  return `npm run faults -- --seeds 1 --from ${job.seed}${only} --verbose`;
}

function describeFailure({ job, wrong, troubles, end }: JobResult): string {
  const lines = [
    `✘ ${nameOf(job)}, ${end}`,
    ...troubles.map((each) => `    ${each}`),
    ...wrong.map((each) => `  ✘ ${each.slice(0, 500)}`),
  ];
  return [...lines, `  replay: ${replayOf(job)}`].join('\n');
}

/** Of the first few failures, the fewest troubles that still bring them about. */
async function sayShortest(goldens: Goldens, failed: readonly JobResult[]): Promise<void> {
  for (const failure of failed.slice(0, 3)) {
    const { job } = failure;
    if (!('seed' in job) || job.only !== undefined || failure.troubles.length < 2) continue;
    const only = await shrunk(ours, goldens, job.seed, failure);
    say(`${nameOf(job)} at its shortest: ${replayOf({ ...job, only })}`);
  }
}

function count(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new Error(`--${name} is no count: ${text}`);
  return number;
}
