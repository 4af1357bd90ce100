import { type Cell, type Fault, hour, minute, rolloutMs } from './cell.ts';
import { calm, equal, hostile, newCell, own, percent } from './new-cell.ts';

type Given = Omit<Parameters<typeof newCell>[1], 'base' | 'faults'> & { base?: number };

const bad = ({ base = 0.001, ...given }: Given, ...faults: readonly Partial<Fault>[]) =>
  newCell('bad', {
    base,
    ...given,
    faults: faults.map((fault) => ({ is: 'error', from: 0, to: hour, ...fault })),
  });

const everyRate = [1, 10, 100, 1000] as const;

const sizeCells = [
  ...everyRate.map((rps) => bad({ group: 'size', name: `total outage, ${rps} rps`, rps }, { points: 1 })),
  ...[0.2, 0.05, 0.02, 0.01, 0.005].flatMap((points) =>
    everyRate.map((rps) =>
      bad({ group: 'size', name: `+${Number((100 * points).toPrecision(2))} points, ${rps} rps`, rps }, { points }),
    ),
  ),
  ...[10, 100, 1000].map((rps) => bad({ group: 'size', name: `x3 of 0.1 %, ${rps} rps`, rps }, { times: 3 })),
  bad({ group: 'size', name: 'x3 of 0.1 %, calm, 100 rps', rps: 100, wandering: calm }, { times: 3 }),
  ...[10, 100].map((rps) => bad({ group: 'size', name: `x3 of 1 %, ${rps} rps`, rps, base: 0.01 }, { times: 3 })),
  bad({ group: 'size', name: '+1 point on 1 %, 100 rps', rps: 100, base: 0.01 }, { points: 0.01 }),
  bad({ group: 'size', name: '+0.5 points on 1 %, 100 rps', rps: 100, base: 0.01 }, { points: 0.005 }),
];

/** One pod of ten of the only workload has it: a tenth of the requests. */
const podCells = ([1, 0.2, 0.05] as const).map((points) =>
  bad(
    { group: 'part', name: `one pod of ten: ${sized(points)}, 100 rps`, rps: 100, shares: [1] },
    { points: points / 10 },
  ),
);
const workloadCells = [10, 20].flatMap((count) =>
  ([1, 0.2, 0.05] as const).map((points) =>
    bad(
      { group: 'part', name: `one workload of ${count}: ${sized(points)}, 100 rps`, rps: 100, shares: equal(count) },
      { points, workloads: [0] },
    ),
  ),
);

const kindCells = [
  bad(
    { group: 'kind', name: 'gRPC codes only: +5 points, 100 rps', rps: 100 },
    { points: 0.05, isHiddenFromPeers: true },
  ),
  bad({ group: 'kind', name: 'clients only: +5 points, 100 rps', rps: 100 }, { points: 0.05, sides: ['clientSide'] }),
  bad({ group: 'kind', name: 'own calls only: +5 points, 100 rps', rps: 100 }, { points: 0.05, sides: ['outbound'] }),
  bad(
    { group: 'kind', name: 'nothing arrives, clients get 503 UF, 100 rps', rps: 100 },
    { is: 'gone', points: 1, sides: ['serverSide'] },
    { is: 'lost', points: 1, sides: ['clientSide'] },
  ),
  ...([1, 0.05] as const).map((points) =>
    bad(
      { group: 'kind', name: `refusals (403): ${sized(points, 'every request')}, 100 rps`, rps: 100 },
      { is: 'refusal', points, sides: ['serverSide', 'clientSide'] },
    ),
  ),
  bad({ group: 'kind', name: 'slow requests 1 to 5 %, 10 rps', rps: 10 }, { is: 'slow', points: 0.04 }),
  bad({ group: 'kind', name: 'slow requests 1 to 10 %, 100 rps', rps: 100 }, { is: 'slow', points: 0.09 }),
  bad({ group: 'kind', name: 'every request is slow, 100 rps', rps: 100 }, { is: 'slow', points: 0.99 }),
];

const lateCells = [
  bad(
    { group: 'late', name: 'in the bake, after 5 min: +2 points, 100 rps', rps: 100 },
    { points: 0.02, from: 5 * minute },
  ),
  bad(
    { group: 'late', name: 'after the pass, 15 min: +20 points, 100 rps', rps: 100 },
    { points: 0.2, from: 15 * minute },
  ),
  bad(
    { group: 'late', name: 'after the pass, 15 min: +2 points, 100 rps', rps: 100 },
    { points: 0.02, from: 15 * minute },
  ),
  bad(
    { group: 'late', name: 'after the pass, 15 min: +5 points, 10 rps', rps: 10 },
    { points: 0.05, from: 15 * minute },
  ),
  bad(
    { group: 'late', name: 'after the pass, 15 min: x5 of 0.1 %, 1000 rps', rps: 1000 },
    { times: 5, from: 15 * minute },
  ),
  ...([1, 0.2, 0.05] as const).map((points) =>
    bad(
      { group: 'late', name: `from the first new pod on: ${sized(points)}, 100 rps`, rps: 100 },
      { points, from: -rolloutMs },
    ),
  ),
];

const weakCells = [
  ...([1, 0.2, 0.05] as const).map((points) =>
    bad(
      {
        group: 'weak',
        name: `no rest of the mesh: ${sized(points)}, 100 rps`,
        rps: 100,
        restTimes: 0,
        exempt: 'no rest of the mesh',
      },
      { points },
    ),
  ),
  ...([1, 0.05, 0.02, 0.01] as const).map((points) =>
    bad({ group: 'weak', name: `no history: ${sized(points)}, 100 rps`, rps: 100, historyMs: 0 }, { points }),
  ),
  bad({ group: 'weak', name: '1 h of history: +2 points, 10 rps', rps: 10, historyMs: hour }, { points: 0.02 }),
  bad(
    {
      group: 'weak',
      name: 'wave wanders by itself, hostile, base 0.5 %: +2 points, 100 rps',
      rps: 100,
      base: 0.005,
      wandering: own(hostile),
    },
    { points: 0.02 },
  ),
  bad(
    { group: 'weak', name: 'bursts of 5, base 0.5 %: +2 points, 100 rps', rps: 100, base: 0.005, burst: 5 },
    { points: 0.02 },
  ),
];

/** `total outage`, `+5 points` */
function sized(points: number, all = 'total outage'): string {
  return points === 1 ? all : `+${percent(points).replace(' %', '')} points`;
}

export const badCells: readonly Cell[] = [
  ...sizeCells,
  ...podCells,
  ...workloadCells,
  ...kindCells,
  ...lateCells,
  ...weakCells,
];
