import { invariants } from '../faults/invariants/index.ts';
import type { Tally } from './tally.ts';
import type { TrialResult } from './trial.ts';

const titleWidth = 74;
const cellWidth = 44;

/** Contender by invariant: kept, or in how many runs broken, and where to see it. */
export function invariantTable(tallies: readonly Tally[]): readonly string[] {
  const head = row('', ...tallies.map(({ contender, runs }) => `${contender}, ${runs} runs`));
  const rows = invariants.map(({ id, title }) =>
    row(
      `${id} ${title}`,
      ...tallies.map(({ broken }) => {
        const found = broken.get(id);
        if (found === undefined) return 'kept';
        const { runs, example } = found;
        return `broken in ${runs}: ${example.trial} ${example.seed}`;
      }),
    ),
  );
  return [head, ...rows, row('broken', ...tallies.map(({ broken }) => `${broken.size} of ${invariants.length}`))];
}

/** Trial by contender: how it ended, and which invariants were broken on the way; of the first seed. */
export function trialTable(contenders: readonly string[], results: readonly TrialResult[]): readonly string[] {
  const trials = [...new Set(results.map(({ trial }) => trial))];
  const cell = (contender: string, trial: string): string => {
    const result = results.find((each) => each.contender === contender && each.trial === trial);
    if (result === undefined) return '';
    const ids = [...new Set(result.breaches.map(({ invariant }) => invariant))].sort(byNumber);
    return [result.end, ...ids].join(' ');
  };
  return [
    row('', ...contenders),
    ...trials.map((trial) => row(trial, ...contenders.map((contender) => cell(contender, trial)))),
  ];
}

const byNumber = (a: string, b: string): number => Number(a.slice(1)) - Number(b.slice(1));

const row = (title: string, ...cells: readonly string[]): string =>
  `${title.padEnd(titleWidth)}${cells.map((cell) => cell.padEnd(cellWidth)).join('')}`.trimEnd();
