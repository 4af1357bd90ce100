import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { LoadWatch } from '../../../../harness/proof/bench/size/process-load.ts';

it('the watch of a process tells the processor time and memory of a process that it started and that has ended', async () => {
  const busy = 'while (process.cpuUsage().user < 250_000); console.log("done"); setTimeout(() => {}, 400)';
  const child = spawn('sh', ['-c', `"$0" -e '${busy}'; read line`, process.execPath]);
  const watch = new LoadWatch(child.pid ?? 0, 50);
  await once(child.stdout, 'data');
  child.stdin.end('\n');
  await once(child, 'exit');
  const node = watch.end().find(({ program }) => program === 'node');
  expect(node?.cpuSeconds).toBeGreaterThan(0.2);
  expect(node?.peakRss).toBeGreaterThan(20 * 1024 * 1024);
});
