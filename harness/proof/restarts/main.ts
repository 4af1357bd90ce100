/** `npm run restarts`: requests that restarts lose on a cluster of kind, by what pods do before they stop. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { runInside, wantsOwnEngine } from '../containers/inside.ts';
import { openKind } from '../containers/open-kind.ts';
import { installIstio } from '../kind/install-mesh.ts';
import { DEFAULT_KUBERNETES } from '../kind/node-images.ts';
import { DEFAULT_HOP } from '../lab/hop.ts';
import { runProgram } from '../lab/run-program.ts';
import { measureRestarts } from './measure.ts';
import { restartTable } from './table.ts';
import { variants } from './variants.ts';

interface Options {
  restarts: number;
  perSecond: number;
  atOnce: number;
  variants: typeof variants;
}

const { env } = process;
const tell = (line: string) => console.error(`[${process.uptime().toFixed(1)} s] ${line}`);
const interruption = new AbortController();
const { signal } = interruption;
const interrupt = () => interruption.abort(new Error('Interrupted; what it created is deleted.'));
process.on('SIGINT', interrupt).on('SIGTERM', interrupt);

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1');
  return number;
}

const chosen = (text: string): typeof variants =>
  text.split(',').map((name) => {
    const found = variants.find((variant) => variant.name === name);
    if (!found) throw new InvalidArgumentError(`of ${variants.map((each) => each.name).join(', ')}`);
    return found;
  });

async function measure({ restarts, perSecond, atOnce, variants }: Options): Promise<void> {
  if (await wantsOwnEngine(env)) {
    const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    process.exitCode = await runInside(again, { env, tell, signal });
    return;
  }
  const logs = join(mkdtempSync(join(tmpdir(), 'restarts-')), 'logs');
  const hop = { from: DEFAULT_HOP.to, to: DEFAULT_HOP.to };
  const { cluster, images, run, istioctl } = await openKind({
    ...{ kubernetes: DEFAULT_KUBERNETES, hop, env, signal, logs, tell },
  });
  try {
    await installIstio(cluster, { images, run, from: hop.from, istioctl: istioctl.from, tell });
    const pause = (ms: number) => sleep(ms, undefined, { signal });
    const measured = await measureRestarts(variants, {
      ...{ cluster, run, signal, tell, sleep: pause, restarts, perSecond, atOnce },
    });
    console.log(restartTable(measured, perSecond));
  } finally {
    await cluster.close();
  }
}

const program = new Command('restarts')
  .description(
    'Restarts servers and gateways under load, and counts the requests that fail, by what their pods do before they stop.',
  )
  .option('--restarts <count>', 'of each variant', whole, 3)
  .option('--per-second <count>', 'requests per second to the variant that restarts', whole, 100)
  .option('--at-once <count>', 'variants that are measured side by side', whole, 2)
  .option('--variants <list>', 'names; left out: all', chosen, variants)
  .action(measure);

await runProgram(program, signal);
