/** Measures one contender on one mesh in a process of its own, so that memory is its own too. Prints JSON. */
import { ours } from '../faults/ours.ts';
import { measure } from './measure.ts';
import { parallel } from './script/parallel.ts';
import { sizeMesh } from './size/size-mesh.ts';

const [name, namespaces, mesh] = process.argv.slice(2);
const contender = [ours, parallel].find((each) => each.name === name);
if (contender === undefined || !(Number(namespaces) >= 3)) {
  console.error('usage: node harness/proof/bench/measure-one.ts CONTENDER NAMESPACES [size]');
  process.exit(2);
}
const measured = await measure(
  contender,
  Number(namespaces),
  mesh === 'size' ? { mesh: sizeMesh(Number(namespaces)) } : {},
);
// Kilobytes, as Linux counts them.
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(`${JSON.stringify({ ...measured, peakBytes })}\n`);
process.exit();
