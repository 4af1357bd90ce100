import { type Cell, type Fault, hour, minute, type Wandering } from './cell.ts';

/** The whole mesh wanders together, unless a cell says otherwise. */
const together: Cell['wandering'] = { shared: { logSd: 0.5, memoryMs: 2.5 * minute } };
export const calm: Cell['wandering'] = {};
export const own = (wandering: Wandering): Cell['wandering'] => ({ own: wandering });
export const usualWandering: Wandering = { logSd: 0.5, memoryMs: 2.5 * minute };
export const hostile: Wandering = { logSd: 1, memoryMs: 12 * minute };

export const equal = (workloads: number): readonly number[] => Array.from({ length: workloads }, () => 1 / workloads);

/** Traffic as it is spread over services: the second has half of that of the first, the third a third. */
export function zipf(workloads: number): readonly number[] {
  const weights = Array.from({ length: workloads }, (_, index) => 1 / (index + 1));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return weights.map((weight) => weight / sum);
}

interface Given extends Partial<Omit<Cell, 'usual' | 'kind' | 'faults'>> {
  name: string;
  group: string;
  rps: number;
  /** The usual share of server errors; half as many requests are refused, and a twentieth as many do not arrive. */
  base: number;
  usual?: Partial<Cell['usual']>;
  faults?: readonly Fault[];
}

const usualOf = (base: number): Cell['usual'] => ({ error: base, refusal: base / 2, lost: base / 20, slow: 0.008 });

export function newCell(kind: Cell['kind'], { base, usual, ...given }: Given): Cell {
  return {
    kind,
    usual: { ...usualOf(base), ...usual },
    shares: [0.5, 0.3, 0.2],
    wandering: together,
    burst: 1,
    historyMs: 6 * hour,
    restTimes: 9,
    restFails: 1,
    faults: [],
    waves: 1,
    ...given,
  };
}

/** `0.1 %` */
export const percent = (ratio: number): string => `${Number((100 * ratio).toPrecision(3))} %`;
