import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * How long the bundle takes to its first line, beside a Node that does nothing: medians of runs that take turns, so that what
 * else the machine does falls on all alike. Usage: node harness/proof/bench/start-up.ts [RUNS]
 */

const runs = Number(process.argv[2] ?? 21);
const bundle = join(import.meta.dirname, '../../../dist/main.cjs');
const folder = mkdtempSync(join(tmpdir(), 'start-up-'));
const outputFile = join(folder, 'output');
writeFileSync(outputFile, '');

// Ends at a kubeconfig that is not there, so that nothing but us is measured.
const inputs = JSON.stringify({ command: 'status', kubeconfig: join(folder, 'none') });
const env = { PATH: process.env['PATH'], RUNNER_TEMP: folder, GITHUB_OUTPUT: outputFile, UPGRADE_INPUTS: inputs };

const subjects = [
  { name: 'an empty Node process, to its end', args: ['-e', '0'] },
  { name: 'the Action, to its first line', args: [bundle, 'action', 'run'] },
  { name: 'the command line, to its help', args: [bundle, '--help'] },
].map((subject) => ({ ...subject, timesMs: [] as number[] }));

try {
  for (let run = 0; run < runs; run += 1)
    for (const { args, timesMs } of subjects) timesMs.push(await timeToFirstOutput(args));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const emptyMs = median(subjects[0]?.timesMs ?? []);
for (const { name, timesMs } of subjects) {
  const ms = median(timesMs);
  const compared = `${(ms - emptyMs).toFixed(0).padStart(4)} ms more, ratio ${(ms / emptyMs).toFixed(2)}`;
  console.log(`${name.padEnd(36)}${ms.toFixed(0).padStart(5)} ms ${compared}`);
}
console.log(`median of ${runs} runs each, Node ${process.version}; to reach: at most 150 ms more`);

/** Until something is printed, or the end if nothing is. */
function timeToFirstOutput(args: readonly string[]): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let firstMs: number | undefined;
  const heard = () => {
    firstMs ??= performance.now() - begin;
  };
  child.stdout.on('data', heard);
  child.stderr.on('data', heard);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(firstMs ?? performance.now() - begin));
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
