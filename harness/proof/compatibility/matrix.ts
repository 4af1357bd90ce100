import { parseHop } from '../lab/hop.ts';

/** One rehearsal: what is upgraded to what, where. */
export interface Row {
  /** As `npm run rehearse -- --hop` takes it. */
  hop: string;
  /** A minor. */
  kubernetes: string;
  backend: 'kind' | 'lab' | 'sim';
  scenario: string;
}

type Place = Omit<Row, 'scenario'>;

const on = (backend: Row['backend'], kubernetes: string, hops: readonly string[]): readonly Place[] =>
  hops.map((hop) => ({ hop, kubernetes, backend }));

const places: readonly Place[] = [
  // Kubernetes is the newest that both releases support and kind has an image of; 1.34 is the oldest with an image.
  ...on('kind', '1.36', ['1.30.4..1.31.0', '1.30.4@default..1.31.0', '1.30.3..1.30.4']),
  ...on('kind', '1.35', ['1.29.6..1.30.4', '1.29.6..1.31.0']),
  ...on('kind', '1.34', ['1.28.10..1.29.6', '1.28.10..1.30.4', '1.30.4..1.31.0']),
  ...on('lab', '1.36', [
    '1.30.4..1.31.0',
    '1.30.4@default..1.31.0',
    '1.30.4..1.31.0-alpha.20260423',
    '1.31.0-alpha.20260423..1.31.0',
  ]),
  // The oldest Kubernetes that Istio 1.31 supports.
  ...on('lab', '1.32', ['1.30.4..1.31.0', '1.30.4@default..1.31.0']),
  ...on('sim', '1.36', [
    '1.28.10..1.29.6',
    '1.29.6..1.30.4',
    '1.30.4..1.31.0',
    '1.28.10..1.30.4',
    '1.29.6..1.31.0',
    '1.30.3..1.30.4',
    '1.30.4@default..1.31.0',
  ]),
];

/** Every row of docs/compatibility.md, in its order: each hop with a good release, and with a bad one that is rolled back. */
export const matrix: readonly Row[] = places.flatMap((place) =>
  ['seed', 'bad-release'].map((scenario) => ({ ...place, scenario })),
);

export type Choice = Partial<Row>;

/**
 * The rows that were asked for; all, if nothing was.
 * @throws RowUnknown
 */
export function chooseRows(choice: Choice): readonly Row[] {
  const asked = Object.entries(choice) as readonly (readonly [keyof Row, string])[];
  if (choice.hop !== undefined) expectKnown(choice.hop);
  const rows = matrix.filter((row) => asked.every(([key, value]) => row[key] === value));
  if (rows.length > 0) return rows;
  const words = asked.map(([key, value]) => `${key} ${value}`).join(', ');
  throw new RowUnknown(`The matrix has no row with ${words}.`);
}

function expectKnown(hop: string): void {
  const known = new Set(matrix.flatMap((row) => releasesOf(row.hop)));
  const unknown = releasesOf(hop).find((release) => !known.has(release));
  if (unknown !== undefined)
    throw new RowUnknown(`The matrix has no Istio ${unknown}, only ${[...known].sort().join(', ')}.`);
  if (matrix.some((row) => row.hop === hop)) return;
  throw new RowUnknown(`The matrix has no hop ${hop}, only ${[...new Set(matrix.map((row) => row.hop))].join(', ')}.`);
}

function releasesOf(hop: string): readonly string[] {
  const { from, to } = parseHop(hop);
  return [from.version, to.version];
}

export class RowUnknown extends Error {
  override readonly name = 'RowUnknown';
}
