/** `npm run compatibility`: rehearses the rows of the matrix one after the other, and writes docs/compatibility.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { withTables } from '../bench/markdown-tables.ts';
import { compatibilityTables } from './compatibility-table.ts';
import { type Choice, chooseRows, RowUnknown } from './matrix.ts';
import { merged, readRecord, rowId, writeRecord } from './record.ts';
import { runRow } from './run-row.ts';

const docs = join(import.meta.dirname, '../../../docs');
const recordFile = join(docs, 'compatibility.json');
const pageFile = join(docs, 'compatibility.md');

const interruption = new AbortController();
const { signal } = interruption;
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => interruption.abort(new Error('Interrupted; the rows that ended are written.')));

async function run({ list = false, write = true, ...choice }: Choice & { list?: boolean; write?: boolean }) {
  const rows = chooseRows(choice);
  if (list) {
    console.log(rows.map(rowId).join('\n'));
    return;
  }
  for (const [index, row] of rows.entries()) {
    console.log(`\n== ${index + 1} of ${rows.length}: ${rowId(row)}`);
    const result = await runRow(row, (text) => void process.stdout.write(text), signal);
    if (result.failed !== undefined) process.exitCode = 1;
    if (!write) continue;
    // After each, so that an interruption loses nothing.
    const results = merged(readRecord(recordFile), [result]);
    writeRecord(recordFile, results);
    writeFileSync(pageFile, withTables(readFileSync(pageFile, 'utf8'), compatibilityTables(results)));
  }
}

const program = new Command('compatibility')
  .description('Rehearses the rows of docs/compatibility.md and writes their results there.')
  .addOption(new Option('--backend <name>', 'only rows on it').choices(['sim', 'lab', 'kind']))
  .option('--hop <from..to>', 'only rows with it, like 1.30.4..1.31.0')
  .option('--kubernetes <minor>', 'only rows with it')
  .option('--scenario <name>', 'only rows with it')
  .option('--list', 'prints the rows instead')
  .option('--no-write', 'leaves the documents as they are')
  .action(run);

try {
  await program.parseAsync();
} catch (error) {
  if (signal.aborted) console.error((signal.reason as Error).message);
  else console.error(error instanceof RowUnknown ? error.message : error);
  process.exitCode = signal.aborted ? 130 : error instanceof RowUnknown ? 2 : 1;
}
