/** `npm run bench:gate`: the gate beside emulators of its peers, on drawn traffic of many kinds. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { withTables } from '../markdown-tables.ts';
import { CellUnknown, chooseCells } from './cells.ts';
import { inThreads } from './in-threads.ts';
import type { Job, JobResult } from './job.ts';
import { type CellResult, merged, readResults, summarize, writeResults } from './results.ts';
import { gateTables } from './tables.ts';

interface Options {
  cells: readonly string[];
  runs: number;
  seed: number;
  threads: number;
  write?: boolean;
  json?: boolean;
  list?: boolean;
}

const docs = join(import.meta.dirname, '../../../../docs');
const resultsFile = join(docs, 'gate.json');
const pageFile = join(docs, 'gate.md');
/** Small enough for every thread to have work until the end. */
const runsOfJob = 100;

const whole = (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1');
  return number;
};

const program = new Command('bench:gate')
  .option(
    '--cells <names>',
    'all, healthy, bad, a group like bad/size, or names, separated by ";"',
    (text) => text.split(';'),
    ['all'],
  )
  .option('--runs <count>', 'of each cell', whole, 1000)
  .option('--seed <number>', 'the same seed gives the same figures', whole, 16)
  .option('--threads <count>', 'worker threads', whole, 2)
  .option('--write', 'writes docs/gate.md and its figures; cells that are not measured now stay as they were')
  .option('--json', 'prints JSON instead of tables')
  .option('--list', 'prints the names of the cells and measures nothing')
  .action(run);

async function run({ cells: names, runs: count, seed, threads, write = false, json = false, list = false }: Options) {
  const chosen = chooseCells(names);
  if (list) {
    console.log(chosen.map(({ kind, group, name }) => `${kind}/${group}: ${name}`).join('\n'));
    return;
  }
  const jobs = chosen.flatMap(({ name }): Job[] =>
    Array.from({ length: Math.ceil(count / runsOfJob) }, (_, index) => ({
      cell: name,
      seed,
      from: index * runsOfJob,
      to: Math.min(count, (index + 1) * runsOfJob),
    })),
  );
  const found = new Map<string, JobResult[]>();
  const news: CellResult[] = [];
  await inThreads(jobs, threads, (result) => {
    const { cell: name } = result.job;
    // In the order of their numbers, whichever thread was faster.
    const parts = [...(found.get(name) ?? []), result].sort((a, b) => a.job.from - b.job.from);
    found.set(name, parts);
    const runs = parts.flatMap((part) => part.runs);
    const cell = chosen.find((each) => each.name === name);
    if (runs.length < count || cell === undefined) return;
    found.delete(name);
    news.push(summarize(cell, runs, seed));
    const stopped = runs.filter(({ ours }) => ours.verdict === 'fail').length;
    process.stderr.write(`${cell.kind}/${cell.group}: ${name}: ${stopped} of ${count} rolled back\n`);
  });
  const results = merged(write ? readResults(resultsFile) : [], news);
  const tables = gateTables(results);
  console.log(json ? JSON.stringify(results, null, 2) : Object.values(tables).join('\n\n'));
  if (!write) return;
  writeResults(resultsFile, results);
  writeFileSync(pageFile, withTables(readFileSync(pageFile, 'utf8'), tables));
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CellUnknown)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
