import { type Column, table } from '../bench/markdown-tables.ts';
import { clockTime } from '../bench/units.ts';
import { parseHop } from '../lab/hop.ts';
import { matrix, type Row } from './matrix.ts';
import { type Result, rowId } from './record.ts';

type Line = Row & Partial<Result>;

const columns: readonly Column<Line>[] = [
  ['from', ({ hop }) => fromOf(hop)],
  ['to', ({ hop }) => parseHop(hop).to.version],
  ['Kubernetes', ({ kubernetes }) => kubernetes],
  ['scenario', ({ scenario }) => scenario],
  ['date', ({ date }) => date ?? ''],
  ['result', (line) => resultOf(line)],
  ['duration', ({ durationMs }) => (durationMs === undefined ? '' : clockTime(durationMs))],
];

const images: Column<Line> = [
  'images',
  ({ images: which }) => (which === undefined ? '' : which === 'built' ? 'built here' : "Istio's own"),
];

/** The tables of docs/compatibility.md by the name of their place in it: one for each backend. */
export function compatibilityTables(results: readonly Result[]): Readonly<Record<Row['backend'], string>> {
  const byRow = new Map(results.map((result) => [rowId(result), result]));
  const lines = matrix.map((row): Line => ({ ...row, ...byRow.get(rowId(row)) }));
  const of = (backend: Row['backend'], more: readonly Column<Line>[] = []) =>
    table(
      [...columns, ...more],
      lines.filter((line) => line.backend === backend),
    );
  return { kind: of('kind', [images]), lab: of('lab'), sim: of('sim') };
}

function fromOf(hop: string): string {
  const { version, revision } = parseHop(hop).from;
  return revision === 'default' ? `${version}, no revision` : version;
}

function resultOf({ date, failed }: Line): string {
  if (date === undefined) return 'not run yet';
  return failed === undefined ? 'passed' : `**failed**: ${failed}`;
}
