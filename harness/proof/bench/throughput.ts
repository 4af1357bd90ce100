/** How many whole upgrades a second this machine simulates. Usage: node harness/proof/bench/throughput.ts [NAMESPACES] [RUNS] */
import { ours } from '../faults/ours.ts';
import { measure } from './measure.ts';

const [namespaces = 3, runs = 20] = process.argv.slice(2).map(Number);
// The first one compiles.
await measure(ours, namespaces, { seed: 0 });
const before = process.cpuUsage();
const began = performance.now();
for (let seed = 1; seed <= runs; seed++) {
  const { end } = await measure(ours, namespaces, { seed });
  if (end !== 'completed') throw new Error(`seed ${seed} ended as ${end}`);
}
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(before);
const cpuSeconds = (user + system) / 1_000_000;
console.log(
  `${namespaces} namespaces: ${runs} upgrades in ${seconds.toFixed(1)} s, ${(runs / seconds).toFixed(2)} a second, ${(cpuSeconds / runs).toFixed(2)} s of processor time each`,
);
process.exit();
