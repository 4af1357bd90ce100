/** `npm run reliability`: rehearses scenarios on kind many times, and writes what their clients got into docs/reliability.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { withTables } from '../bench/markdown-tables.ts';
import { runProgram } from '../lab/run-program.ts';
import { addToRecord, readRecord } from './record.ts';
import { repeat } from './repeat.ts';
import { reliabilityTables } from './tables.ts';

const docs = join(import.meta.dirname, '../../../docs');
const recordFile = join(docs, 'reliability.jsonl');
const pageFile = join(docs, 'reliability.md');

const interruption = new AbortController();
const { signal } = interruption;
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => interruption.abort(new Error('Interrupted; the runs that ended are written.')));
const tell = (text: string) => void process.stdout.write(text);

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1');
  return number;
}

/** Those of this folder by name as well. */
function scenarioOf(nameOrFile: string): string {
  const own = join(import.meta.dirname, `${nameOrFile}.yaml`);
  return existsSync(own) ? own : nameOrFile;
}

async function measure({ scenario, times, write }: { scenario: string; times: number; write: boolean }): Promise<void> {
  for await (const line of repeat(scenarioOf(scenario), { times, tell, signal })) {
    tell(`${JSON.stringify(line)}\n`);
    if (line.failed !== undefined) process.exitCode = 1;
    if (!write) continue;
    // After each, so that an interruption loses nothing.
    addToRecord(recordFile, line);
    const tables = reliabilityTables(readRecord(recordFile));
    writeFileSync(pageFile, withTables(readFileSync(pageFile, 'utf8'), tables));
  }
}

const program = new Command('reliability')
  .description('Rehearses a scenario on kind many times, and keeps a line for each run in docs/reliability.md.')
  .requiredOption('--scenario <name>', 'one of this folder, one that `npm run rehearse` knows, or a file')
  .option('--times <count>', 'how often', whole, 1)
  .option('--no-write', 'leaves the documents as they are')
  .action(measure);

await runProgram(program, signal);
