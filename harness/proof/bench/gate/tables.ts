import { type Column, table } from '../markdown-tables.ts';
import { clockTime } from '../units.ts';
import { atMost } from './binomial.ts';
import type { Cell } from './cell.ts';
import { cells } from './cells.ts';
import { type PeerName, peers } from './peers/peers.ts';
import type { CellResult, Stops } from './results.ts';

const peerNames = Object.keys(peers) as PeerName[];
const cellOf = new Map(cells.map((cell) => [cell.name, cell]));
const isOf = (kind: Cell['kind'], isWeak: boolean) => (result: CellResult) => {
  const cell = cellOf.get(result.name);
  return cell?.kind === kind && (cell.group === 'weak') === isWeak;
};

/** The tables of docs/gate.md by their names. */
export function gateTables(results: readonly CellResult[]): Readonly<Record<string, string>> {
  const healthy = results.filter(isOf('healthy', false));
  const bad = results.filter(isOf('bad', false));
  return {
    goals: table(goalColumns, goalsOf(results)),
    healthy: table(healthyColumns, healthy),
    'healthy-weak': table(healthyColumns, results.filter(isOf('healthy', true))),
    bad: table(badColumns, bad),
    'bad-weak': table(badColumns, results.filter(isOf('bad', true))),
    power: table(
      powerColumns,
      results.filter(({ power }) => power !== undefined),
    ),
    better: table(betterColumns, bad.flatMap(betterPeers(results))),
  };
}

export interface Goal {
  what: string;
  is: string;
  reached: boolean;
  /** Cells that miss it. */
  missed: readonly string[];
}

const falseRollbacksMax = 0.01;
const caughtMin = 0.99;
/** Fewer runs say nothing about one in a hundred. */
const fewestForetold = 100;

/** The promises, and what was measured of them. */
export function goalsOf(results: readonly CellResult[]): readonly Goal[] {
  const healthy = results.filter(({ name }) => {
    const cell = cellOf.get(name);
    return cell?.kind === 'healthy' && cell.exempt === undefined && cell.rps >= 1;
  });
  const tooOften = healthy.filter(({ ours, runs }) => ours.stopped / runs > falseRollbacksMax);
  const foretold = results.filter(
    ({ name, power }) => (power?.detectable ?? 0) >= fewestForetold && cellOf.get(name)?.exempt === undefined,
  );
  const missed = foretold.filter(({ power }) => power !== undefined && power.caught / power.detectable < caughtMin);
  const quiet = results.filter(({ name }) => cellOf.get(name)?.rps === 0);
  const passedWithout = quiet.filter(({ ours }) => ours.passed > 0);
  return [
    {
      what: 'false rollbacks of at most 1 % in every healthy cell from 1 request/s, with six hours of history and a rest of the mesh',
      is: `${healthy.length - tooOften.length} of ${healthy.length} cells; the worst has ${worst(healthy)}`,
      reached: tooOften.length === 0,
      missed: tooOften.map(({ name }) => name),
    },
    {
      what: 'at least 99 % caught where twice the requests of the power formula come within the longest bake',
      is: `${foretold.length - missed.length} of ${foretold.length} cells`,
      reached: missed.length === 0,
      missed: missed.map(({ name }) => name),
    },
    {
      what: 'never a pass without traffic',
      is: `${quiet.reduce((sum, { ours }) => sum + ours.passed, 0)} passes of ${quiet.reduce((sum, { runs }) => sum + runs, 0)} runs`,
      reached: passedWithout.length === 0,
      missed: passedWithout.map(({ name }) => name),
    },
  ];
}

const worst = (results: readonly CellResult[]): string =>
  share(Math.max(0, ...results.map(({ ours, runs }) => ours.stopped / runs)), 1);

const goalColumns: readonly Column<Goal>[] = [
  ['goal', ({ what }) => what],
  ['measured', ({ is }) => is],
  ['missed by', ({ missed }) => (missed.length === 0 ? '' : missed.join('; '))],
];

const percent = (ratio: number): string => (ratio === 0 ? '0' : (100 * ratio).toFixed(ratio < 0.1 ? 1 : 0));
/** `3 %` */
const share = (count: number, of: number): string => `${percent(count / of)} %`;
const whole = (count: number): string => Math.round(count).toLocaleString('en');
const time = (ms: number | undefined): string => (ms === undefined ? '' : clockTime(ms));

const healthyColumns: readonly Column<CellResult>[] = [
  ['healthy', ({ name }) => name],
  ['runs', ({ runs }) => whole(runs)],
  ['rolled back', ({ ours, runs }) => `**${share(ours.stopped, runs)}**`],
  ['at most', ({ ours, runs }) => `${percent(atMost(ours.stopped, runs))} %`],
  ['pass', ({ ours, runs }) => share(ours.passed, runs)],
  ['hold', ({ ours, runs }) => share(ours.held, runs)],
  ['until pass', ({ ours }) => time(ours.passMs)],
  ...peerNames.map((name): Column<CellResult> => [name, (result) => share(result.peers[name].stopped, result.runs)]),
];

const badColumns: readonly Column<CellResult>[] = [
  ['bad', ({ name }) => name],
  ['runs', ({ runs }) => whole(runs)],
  ['caught', ({ ours, runs }) => `**${share(ours.stopped, runs)}**`],
  ['after', ({ ours }) => time(ours.delayMs)],
  ['leaked', ({ name, ours }) => leakOf(name, ours)],
  ['passed', ({ ours, runs }) => share(ours.passed, runs)],
  ...peerNames.map((name): Column<CellResult> => [name, (result) => stopped(result, result.peers[name])]),
];

const leakOf = (name: string, { leaked }: Stops): string => (cellOf.get(name)?.hasNoLeak === true ? '' : whole(leaked));

/** `100 % 5:00 2,904`: caught, after, leaked. */
function stopped({ name, runs }: CellResult, stops: Stops): string {
  return [share(stops.stopped, runs), time(stops.delayMs), leakOf(name, stops)]
    .filter((text) => text !== '')
    .join(', ');
}

const powerColumns: readonly Column<CellResult>[] = [
  ['bad', ({ name }) => name],
  [
    'requests needed',
    ({ power }) => (power === undefined || power.requestsNeeded > 1e12 ? 'not to see' : whole(power.requestsNeeded)),
  ],
  [
    'time for them',
    ({ name, power }) => {
      const rps = cellOf.get(name)?.rps ?? 0;
      return power === undefined || power.requestsNeeded > 1e12 ? '' : time((1000 * power.requestsNeeded) / rps);
    },
  ],
  ['twice in the longest bake', ({ power, runs }) => (power === undefined ? '' : share(power.detectable, runs))],
  [
    'of these caught',
    ({ power }) => (power === undefined || power.detectable === 0 ? '' : share(power.caught, power.detectable)),
  ],
  ['all caught', ({ ours, runs }) => share(ours.stopped, runs)],
  ['after', ({ ours }) => time(ours.delayMs)],
];

interface Better {
  result: CellResult;
  peer: PeerName;
  stops: Stops;
  /** The healthy cells of the same rate and usual errors that the peer rolls back. */
  falsely: string;
}

/** A peer is better if it catches more, or leaks less and catches no less. */
function betterPeers(results: readonly CellResult[]) {
  return (result: CellResult): readonly Better[] =>
    peerNames.flatMap((peer): Better[] => {
      const [stops, ours] = [result.peers[peer], result.ours];
      const catchesMore = stops.stopped > ours.stopped + 0.01 * result.runs;
      const leaksLess = stops.stopped >= ours.stopped && stops.leaked < 0.95 * ours.leaked;
      if (!catchesMore && !leaksLess) return [];
      return [{ result, peer, stops, falsely: healthyTwin(results, result.name, peer) }];
    });
}

function healthyTwin(results: readonly CellResult[], name: string, peer: PeerName): string {
  const bad = cellOf.get(name);
  const twin = cells.find(
    ({ group, rps, usual }) => group === 'base' && rps === bad?.rps && usual.error === bad.usual.error,
  );
  const result = results.find((each) => each.name === twin?.name);
  return result === undefined ? '' : share(result.peers[peer].stopped, result.runs);
}

const betterColumns: readonly Column<Better>[] = [
  ['bad', ({ result }) => result.name],
  ['ours: caught, after, leaked', ({ result }) => stopped(result, result.ours)],
  ['peer', ({ peer }) => peer],
  ['caught, after, leaked', ({ result, stops }) => stopped(result, stops)],
  ['rolls back when healthy', ({ falsely }) => falsely],
];
