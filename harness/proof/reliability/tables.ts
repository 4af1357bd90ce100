import { type Column, table } from '../bench/markdown-tables.ts';
import { clockTime } from '../bench/units.ts';
import type { RunLine } from './run-line.ts';

const counted = (number: number): string => number.toLocaleString('en-US');
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const columns: readonly Column<RunLine>[] = [
  ['scenario', ({ scenario }) => scenario],
  ['began (UTC)', ({ at }) => at.slice(0, 16).replace('T', ' ')],
  ['time', ({ durationMs }) => clockTime(durationMs)],
  ['proxied pods', ({ pods }) => pods ?? ''],
  ['outcome', ({ outcome }) => outcome ?? 'no report'],
  ['as expected', ({ failed }) => (failed === undefined ? 'yes' : `**no**: ${failed.replaceAll('|', '\\|')}`)],
  ['requests', ({ requests }) => (requests === undefined ? '' : counted(requests.sent))],
  ['failed', ({ requests }) => (requests === undefined ? '' : counted(requests.failed))],
  ['never connected', ({ requests }) => (requests === undefined ? '' : counted(requests.neverConnected))],
  ['tag back after', ({ tagBackMs }) => (tagBackMs === undefined ? '' : `${tagBackMs} ms`)],
  ['load', ({ load }) => load.toFixed(1)],
];

interface Total {
  scenario: string;
  runs: readonly RunLine[];
}

const requestsOf = ({ runs }: Total) => runs.flatMap(({ requests }) => requests ?? []);

const totals: readonly Column<Total>[] = [
  ['scenario', ({ scenario }) => scenario],
  ['runs', ({ runs }) => runs.length],
  ['as expected', ({ runs }) => runs.filter(({ failed }) => failed === undefined).length],
  ['requests', (total) => counted(sum(requestsOf(total).map(({ sent }) => sent)))],
  ['failed', (total) => counted(sum(requestsOf(total).map(({ failed }) => failed)))],
  ['never connected', (total) => counted(sum(requestsOf(total).map(({ neverConnected }) => neverConnected)))],
  ['slowest tag back', ({ runs }) => slowest(runs.flatMap(({ tagBackMs }) => tagBackMs ?? []))],
];

const slowest = (ms: readonly number[]): string => (ms.length === 0 ? '' : `${Math.max(...ms)} ms`);

/** The tables of docs/reliability.md by the name of their place in it: a line for each scenario, and one for each run. */
export function reliabilityTables(runs: readonly RunLine[]): Readonly<Record<'totals' | 'runs', string>> {
  const byScenario = Map.groupBy(runs, ({ scenario }) => scenario);
  const lines = [...byScenario].map(([scenario, own]): Total => ({ scenario, runs: own }));
  return { totals: table(totals, lines), runs: table(columns, [...byScenario.values()].flat()) };
}
