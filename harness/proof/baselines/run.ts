/** `npm run baselines`: scripts and the product under the same troubles, and which invariants each of them breaks. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { ours } from '../faults/ours.ts';
import { randomTrial, runRandom, undisturbedEnds } from './random-trial.ts';
import { readLater } from './read-later.ts';
import { rivals } from './rivals.ts';
import { invariantTable, trialTable } from './table.ts';
import { complaintsAbout, tallyOf } from './tally.ts';
import { runTrial, type TrialResult } from './trial.ts';
import { trials } from './trials.ts';

const contenders = [...rivals.map(readLater), ours];

interface Options {
  seeds: number;
  from: number;
  only?: string;
  trial?: string;
  verbose: boolean;
}

const whole = (text: string) => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('a whole number');
  return number;
};

const { seeds, from, only, trial, verbose } = new Command('baselines')
  .option('--seeds <number>', 'seeds that draw their own troubles, besides the named trials', whole, 10)
  .option('--from <seed>', 'the first seed, and that of the named trials', whole, 1)
  .addOption(new Option('--only <contender>', 'instead of all').choices(contenders.map(({ name }) => name)))
  .addOption(new Option('--trial <name>', 'instead of all').choices([...trials.map(({ name }) => name), randomTrial]))
  .option('--verbose', 'tells each run line by line, with the virtual time', false)
  .parse()
  .opts<Options>();

const tell = (text: string) => void process.stdout.write(`${text}\n`);
// Whoever pipes it into head has read enough.
process.stdout.on('error', (failure: NodeJS.ErrnoException) => process.exit(failure.code === 'EPIPE' ? 0 : 1));
const chosen = contenders.filter(({ name }) => only === undefined || name === only);
const named = trials.filter(({ name }) => trial === undefined || name === trial);
const drawn =
  trial === undefined || trial === randomTrial ? Array.from({ length: seeds }, (_, index) => from + index) : [];
const ends = drawn.length === 0 ? undefined : await undisturbedEnds();
const results: TrialResult[] = [];
for (const contender of chosen) {
  const story = verbose ? { tell } : {};
  for (const each of named) {
    if (verbose) tell(`\n${contender.name}: ${each.title}`);
    results.push(await runTrial(contender, each, { seed: from, ...story }));
  }
  for (const seed of drawn) {
    if (ends === undefined) continue;
    if (verbose) tell(`\n${contender.name}: troubles of seed ${seed}`);
    results.push(await runRandom(contender, ends, { seed, ...story }));
  }
}

const names = chosen.map(({ name }) => name);
const tallies = names.map((name) => tallyOf(name, results));
for (const line of trialTable(
  names,
  results.filter((result) => result.trial !== randomTrial),
))
  tell(line);
tell('');
for (const line of invariantTable(tallies)) tell(line);
tell('\nTo see one: npm run baselines -- --only <contender> --trial <trial> --seeds 1 --from <seed> --verbose');
// Of a part nothing follows.
const complaints = trial === undefined ? complaintsAbout(tallies, ours.name) : [];
for (const complaint of complaints) tell(`✘ ${complaint}`);
if (complaints.length > 0) process.exitCode = 1;
