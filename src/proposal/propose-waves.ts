import { type Candidate, rateOf } from './candidates.ts';

/** A wave of the config, and why it is so. */
export interface ProposedWave {
  name: string;
  namespaces: readonly string[] | '*';
  /** What a person should know of it, without a stop. */
  why: string;
}

/** Whether this traffic can be judged within an ordinary bake. */
export type Enough = (candidates: readonly Candidate[]) => boolean;

/** With fewer namespaces a canary and the rest are waves enough. */
const fewNamespaces = 8;

/**
 * A canary that can be judged and that would be missed least, then a tenth and a quarter of the namespaces, each a sample of all that is
 * not critical, then the rest.
 * @param canary what a person wants as canary; left out: the proposal
 */
export function proposeWaves(
  all: readonly Candidate[],
  enough: Enough,
  canary: readonly string[] = proposeCanary(all, enough).map(({ namespace }) => namespace),
): readonly ProposedWave[] {
  const first = all.filter(({ namespace }) => canary.includes(namespace));
  const others = all.filter((each) => !first.includes(each));
  const judged = { name: 'canary', namespaces: namesOf(first), why: whyCanary(first, all, enough) };
  if (others.length === 0) return [judged];
  const rest = (left: readonly Candidate[]): ProposedWave => {
    const critical = left.filter((each) => each.critical !== undefined);
    return {
      name: 'rest',
      namespaces: '*',
      why: [
        `Every other namespace that follows the tag, ${left.length} now${critical.length === 0 ? '' : `, ${critical.length} of them critical`}`,
        ...(left.length < fewNamespaces
          ? []
          : ['With atOnce: 25% they restart in four groups, each with its own bake and verdict']),
      ].join('. '),
    };
  };
  if (all.length < fewNamespaces) return [judged, rest(others)];
  const tenth = sample(others, Math.round(all.length * 0.1), enough);
  const quarter = sample(without(others, tenth), Math.round(all.length * 0.25), enough);
  const share = (name: string, part: readonly Candidate[], portion: string): ProposedWave[] =>
    part.length === 0 ? [] : [{ name, namespaces: namesOf(part), why: `${portion} of the namespaces${traffic(part)}` }];
  const left = without(without(others, tenth), quarter);
  return [
    judged,
    ...share('tenth', tenth, 'A tenth'),
    ...share('quarter', quarter, 'A quarter'),
    ...(left.length === 0 ? [] : [rest(left)]),
  ];
}

/** The namespace with the least traffic that is enough; if none has enough, some that have it together. */
export function proposeCanary(all: readonly Candidate[], enough: Enough): readonly Candidate[] {
  const served = all.filter(({ pods }) => pods > 0);
  const harmless = served.filter(({ critical }) => critical === undefined);
  const pool = [harmless, served, all].find(({ length }) => length > 0) ?? [];
  return withEnough([], pool, enough, Math.max(1, Math.ceil(all.length * 0.1)));
}

/** Adds the smallest that makes it enough, else the largest, up to so many. */
function withEnough(
  chosen: readonly Candidate[],
  pool: readonly Candidate[],
  enough: Enough,
  most: number,
): readonly Candidate[] {
  if (chosen.length > 0 && (enough(chosen) || chosen.length >= most)) return chosen;
  const ascending = byTraffic(pool);
  // Where none is known to serve anything, size says which would be missed least.
  const next = ascending.find((each) => enough([...chosen, each])) ?? ascending.at(rateOf(pool) > 0 ? -1 : 0);
  return next === undefined ? chosen : withEnough([...chosen, next], without(pool, [next]), enough, most);
}

/** Evenly from the least to the most traffic, so that each wave looks like the mesh. */
function sample(from: readonly Candidate[], size: number, enough: Enough): readonly Candidate[] {
  const pool = byTraffic(from.filter(({ critical }) => critical === undefined));
  const count = Math.min(size, pool.length);
  const picked = Array.from({ length: count }, (_, index) => pool[Math.floor(((index + 0.5) * pool.length) / count)]);
  const chosen = picked.filter((each) => each !== undefined);
  return chosen.length === 0 ? [] : withEnough(chosen, without(pool, chosen), enough, count + 1);
}

/** Of equal traffic the smaller one first, then by name. */
const byTraffic = (pool: readonly Candidate[]): readonly Candidate[] =>
  pool.toSorted((a, b) => (a.rate ?? 0) - (b.rate ?? 0) || a.pods - b.pods || (a.namespace < b.namespace ? -1 : 1));

const without = (all: readonly Candidate[], taken: readonly Candidate[]): readonly Candidate[] =>
  all.filter((each) => !taken.includes(each));

const namesOf = (part: readonly Candidate[]): readonly string[] => part.map(({ namespace }) => namespace).sort();

function whyCanary(first: readonly Candidate[], all: readonly Candidate[], enough: Enough): string {
  const critical = first.find((each) => each.critical !== undefined);
  return [
    `Restarted and judged first${traffic(first)}`,
    ...(first.every(({ rate }) => rate === undefined)
      ? ['its traffic is not known: the gate passes no wave without requests']
      : enough(first)
        ? []
        : ['this is little traffic, so that its bake is long']),
    ...(critical === undefined ? [] : [`critical (${critical.critical})`]),
    ...(first.length < all.length && all.some((each) => each.critical !== undefined) && critical === undefined
      ? ['critical namespaces come last']
      : []),
  ].join('; ');
}

function traffic(part: readonly Candidate[]): string {
  if (part.every(({ rate }) => rate === undefined)) return '';
  const rate = rateOf(part);
  return `, ${rate >= 10 ? Math.round(rate) : Number(rate.toPrecision(2))} requests/s`;
}
