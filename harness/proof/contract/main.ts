/** `npm run contract -- --backend sim|lab`: runs every case and says where this backend differs from what the real one was seen to do. */
import { Command, Option } from 'commander';
import { comparer } from './compare.ts';
import type { Observation } from './observation.ts';
import { readRecorded, type Suite, writeRecorded } from './recorded.ts';
import { Skips } from './skips.ts';
import { type Chosen, Suites } from './suites.ts';

interface Options {
  backend: 'sim' | 'lab';
  suite?: Suite;
  record?: true;
  only?: string;
}

/** Runs one suite; returns how many cases differ. */
async function run(suite: Suite, { backend, record, only }: Options): Promise<number> {
  const { titles, onSim, onLab } = Suites[suite];
  const isChosen: Chosen = (title) => only === undefined || title.includes(only);
  const chosen = titles.filter(isChosen);
  if (chosen.length === 0) return 0;
  const began = performance.now();
  const seen = await (backend === 'sim' ? onSim(isChosen) : onLab(isChosen, (line) => console.error(line)));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (record) keep(suite, seen, only !== undefined);
  const compared = comparer(suite);
  let differing = 0;
  let skipped = 0;
  for (const title of chosen) {
    const reason = backend === 'sim' ? Skips[title] : undefined;
    const lines = compared(title, seen.get(title));
    if (reason !== undefined) {
      skipped++;
      console.log(`SKIP ${title}: ${reason}`);
    } else if (lines.length > 0) {
      differing++;
      console.log([`DIFFERS ${title}`, ...lines].join('\n    '));
    }
  }
  console.log(`${suite}: ${chosen.length} cases on ${backend}: ${differing} differ, ${skipped} skipped (${seconds} s)`);
  return differing;
}

/** What could not be looked at is not kept. */
function keep(suite: Suite, seen: ReadonlyMap<string, Observation>, isPart: boolean): void {
  const whole = [...seen].filter(([, observation]) => !isFailure(observation));
  const all = new Map<string, Observation>([...(isPart ? readRecorded(suite) : []), ...whole]);
  writeRecorded(
    new Map(Suites[suite].titles.flatMap((title) => (all.has(title) ? [[title, all.get(title)]] : []))),
    suite,
  );
}

const isFailure = (observation: Observation) =>
  typeof observation === 'object' && observation !== null && 'failed' in observation;

const program = new Command('contract')
  .addOption(new Option('--backend <name>', 'what to look at').choices(['sim', 'lab']).default('sim'))
  .addOption(new Option('--suite <name>', 'only this one').choices(['api', 'istio']))
  .option('--record', 'keep what was seen as the truth; for the lab')
  .option('--only <text>', 'cases whose title contains this')
  .action(async (options: Options) => {
    if (options.record && options.backend !== 'lab')
      throw new Error('only the lab is the truth: --record needs --backend lab');
    let differing = 0;
    for (const suite of ['api', 'istio'] as const)
      if (options.suite === undefined || options.suite === suite) differing += await run(suite, options);
    process.exitCode = differing === 0 ? 0 : 1;
  });
await program.parseAsync();
