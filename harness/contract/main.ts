/** `npm run contract -- --backend sim|lab`: runs every case and says where this backend differs from what the real one was seen to do. */
import { Command, Option } from 'commander';
import type { ContractBackend } from './backend.ts';
import type { ContractCase } from './contract-case.ts';
import { differences, type Observation } from './observation.ts';
import { readRecorded, writeRecorded } from './recorded.ts';
import { ContractCases, observe } from './run-contract.ts';
import { Skips } from './skips.ts';

/** Cases side by side on the lab; each has a namespace of its own. */
const LabWorkers = 4;

interface Options {
  backend: 'sim' | 'lab';
  record?: true;
  only?: string;
}

async function run({ backend, record, only }: Options): Promise<number> {
  const chosen = ContractCases.filter(({ title }) => only === undefined || title.includes(only));
  const seen = await (backend === 'sim' ? onSim(chosen) : onLab(chosen));
  if (record) {
    const kept = only === undefined ? [] : readRecorded();
    const whole = [...seen].filter(([, observation]) => !isFailure(observation));
    const all = new Map<string, Observation>([...kept, ...whole]);
    writeRecorded(new Map(ContractCases.flatMap(({ title }) => (all.has(title) ? [[title, all.get(title)]] : []))));
  }
  const recorded = readRecorded();
  let differing = 0;
  let skipped = 0;
  for (const { title } of chosen) {
    const reason = backend === 'sim' ? Skips[title] : undefined;
    const lines = recorded.has(title)
      ? differences(recorded.get(title), seen.get(title))
      : [`was never seen on the real one (--backend lab --record); here ${JSON.stringify(seen.get(title))}`];
    if (reason !== undefined) {
      skipped++;
      console.log(`SKIP ${title}: ${reason}`);
    } else if (lines.length > 0) {
      differing++;
      console.log([`DIFFERS ${title}`, ...lines].join('\n    '));
    }
  }
  console.log(`${chosen.length} cases on ${backend}: ${differing} differ, ${skipped} skipped`);
  return differing === 0 ? 0 : 1;
}

async function onSim(chosen: readonly ContractCase[]): Promise<Map<string, Observation>> {
  const { simBackend } = await import('./sim-backend.ts');
  const seen = new Map<string, Observation>();
  for (const one of chosen) seen.set(one.title, await outcomeOf(simBackend(), one));
  return seen;
}

async function onLab(chosen: readonly ContractCase[]): Promise<Map<string, Observation>> {
  const { labBackend } = await import('./lab-backend.ts');
  const backend = await labBackend({ tell: (line) => console.error(line) });
  const seen = new Map<string, Observation>();
  try {
    const waiting = [...chosen];
    const work = async () => {
      for (let one = waiting.shift(); one; one = waiting.shift()) seen.set(one.title, await outcomeOf(backend, one));
    };
    await Promise.all(Array.from({ length: LabWorkers }, work));
  } finally {
    await backend.close();
  }
  return seen;
}

const isFailure = (observation: Observation) =>
  typeof observation === 'object' && observation !== null && 'failed' in observation;

/** A case that cannot be looked at is a difference like any other. */
async function outcomeOf(backend: ContractBackend, one: ContractCase): Promise<Observation> {
  try {
    return await observe(backend, one);
  } catch (failure) {
    return { failed: String(failure) };
  }
}

const program = new Command('contract')
  .addOption(new Option('--backend <name>', 'what to look at').choices(['sim', 'lab']).default('sim'))
  .option('--record', 'keep what was seen as the truth; for the lab')
  .option('--only <text>', 'cases whose title contains this')
  .action(async (options: Options) => {
    if (options.record && options.backend !== 'lab')
      throw new Error('only the lab is the truth: --record needs --backend lab');
    process.exitCode = await run(options);
  });
await program.parseAsync();
