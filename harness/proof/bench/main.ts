/** `npm run bench`: the product beside a script and the critical path, in virtual time; and what it costs the machine. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { execa } from 'execa';
import { runProgram } from '../lab/run-program.ts';
import { measureLooks } from './looks/measure-looks.ts';
import { withTables } from './markdown-tables.ts';
import { weigh } from './memory.ts';
import { performanceTables } from './performance-tables.ts';
import { type Measured, merged, type Results, readResults, writeResults } from './results.ts';
import { measureOnLab } from './size/measure-size.ts';

interface Options {
  sizes: readonly number[];
  contenders: readonly string[];
  pods: number;
  write?: boolean;
  json?: boolean;
}

const docs = join(import.meta.dirname, '../../../docs');
const resultsFile = join(docs, 'performance.json');
const pageFile = join(docs, 'performance.md');
/** One run of a thousand namespaces on a machine that does other things too. */
const timeoutMs = 30 * 60_000;

const numbers = (text: string): readonly number[] =>
  text.split(',').map((part) => {
    const number = Number(part);
    if (!Number.isInteger(number) || number < 3) throw new InvalidArgumentError('whole numbers from 3');
    return number;
  });

const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.version}`;
const interruption = new AbortController();

const program = new Command('bench')
  .option('--sizes <list>', 'namespaces of the meshes, ten pods each', numbers, [10, 100, 1000])
  .option('--contenders <list>', 'what upgrades them', (text) => text.split(','), ['ours', 'parallel'])
  .option('--pods <count>', 'pods to weigh the product at; 0 leaves it out', Number, 50_000)
  .option('--write', 'writes docs/performance.md and its figures; what is not measured now stays as it was')
  .option('--json', 'prints JSON instead of tables')
  .action(async ({ sizes, contenders, pods, write = false, json = false }: Options) => {
    const runs: Measured[] = [];
    for (const size of sizes) {
      for (const contender of contenders) {
        process.stderr.write(`${contender}, ${size} namespaces\n`);
        runs.push(await measureApart(contender, size));
      }
    }
    const weights = pods === 0 ? undefined : await weigh({ pods, namespaces: 1000 });
    const news = {
      machine,
      runs,
      ...(weights === undefined ? {} : { weights: weights.map((weight) => ({ ...weight, pods })) }),
    };
    show(news, { write, json });
  });

program
  .command('looks')
  .description('what the gate costs that watches one wave')
  .option('--wave <count>', 'pods of the wave, ten a workload', Number, 10_000)
  .action(async ({ wave: pods }: { wave: number }) => {
    const { write = false, json = false } = program.opts<Options>();
    show({ looks: { machine, pods, costs: await measureLooks({ pods, namespaces: pods / 10 }) } }, { write, json });
  });

program
  .command('size')
  .description('one upgrade of a big mesh on the real API server of the lab, beside the simulator')
  .option('--namespaces <count>', 'of three services and ten pods each', Number, 300)
  .action(async ({ namespaces }: { namespaces: number }) => {
    const { write = false, json = false } = program.opts<Options>();
    for (const name of ['SIGINT', 'SIGTERM'] as const)
      process.once(name, () => interruption.abort(new Error('Interrupted; nothing is left of the lab.')));
    const tell = (text: string) => void process.stderr.write(text);
    const lab = await measureOnLab(namespaces, { tell, signal: interruption.signal });
    const simulator = await measureApart('ours', namespaces, 'size');
    show({ size: { machine, lab, simulator } }, { write, json });
  });

/** Prints everything that was measured, and writes it into the page if asked. */
function show(news: Partial<Results>, { write, json }: { write: boolean; json: boolean }): void {
  const results = merged(write ? readResults(resultsFile) : { machine: '', runs: [], weights: [] }, news);
  const tables = performanceTables(results);
  process.stdout.write(json ? JSON.stringify(results, null, 2) : Object.values(tables).join('\n\n'));
  process.stdout.write('\n');
  if (!write) return;
  writeResults(resultsFile, results);
  writeFileSync(pageFile, withTables(readFileSync(pageFile, 'utf8'), tables));
}

/** In a process of its own, so that memory is its own too. */
async function measureApart(contender: string, size: number, mesh?: 'size'): Promise<Measured> {
  const script = join(import.meta.dirname, 'measure-one.ts');
  const { stdout } = await execa(process.execPath, [script, contender, String(size), ...(mesh ? [mesh] : [])], {
    timeout: timeoutMs,
  });
  return JSON.parse(stdout) as Measured;
}

await runProgram(program, interruption.signal);
