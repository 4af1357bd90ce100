import { type Cell, hour, minute, second } from './cell.ts';
import { calm, equal, hostile, newCell, own, percent, usualWandering, zipf } from './new-cell.ts';

const healthy = (given: Parameters<typeof newCell>[1]) => newCell('healthy', given);

const baseCells = [0, 0.001, 0.005, 0.01, 0.02].flatMap((base) =>
  [1, 10, 100, 1000].map((rps) => healthy({ group: 'base', name: `base ${percent(base)}, ${rps} rps`, rps, base })),
);

const burstCells = (
  [
    [5, 0.001, 10],
    [5, 0.001, 100],
    [5, 0.005, 100],
    [5, 0.01, 1],
    [20, 0.001, 100],
    [20, 0.005, 10],
  ] as const
).map(([burst, base, rps]) =>
  healthy({ group: 'bursts', name: `bursts of ${burst}, base ${percent(base)}, ${rps} rps`, rps, base, burst }),
);

const wanderingCells = [
  ...(
    [
      [0.001, 100],
      [0.01, 100],
    ] as const
  ).map(([base, rps]) =>
    healthy({ group: 'wandering', name: `calm, base ${percent(base)}, ${rps} rps`, rps, base, wandering: calm }),
  ),
  ...(
    [
      [0.001, 100],
      [0.005, 1000],
    ] as const
  ).map(([base, rps]) =>
    healthy({
      group: 'wandering',
      name: `wave wanders by itself, base ${percent(base)}, ${rps} rps`,
      rps,
      base,
      wandering: own(usualWandering),
    }),
  ),
  ...(
    [
      [0.001, 100],
      [0.005, 1000],
      [0.01, 10],
    ] as const
  ).map(([base, rps]) =>
    healthy({
      group: 'wandering',
      name: `wave wanders by itself, hostile, base ${percent(base)}, ${rps} rps`,
      rps,
      base,
      wandering: own(hostile),
    }),
  ),
];

/** From -6 h on, to so many times at ready, and on. */
const rising = (times: number) => (at: number) => times ** (1 + at / (6 * hour));
const incident = [
  { is: 'error', points: 0.05, from: 4 * minute, to: 7 * minute, everywhere: true },
] as const satisfies Cell['faults'];

const meshCells = [
  ...(
    [
      [0.001, 100],
      [0.005, 1000],
    ] as const
  ).map(([base, rps]) =>
    healthy({
      group: 'mesh',
      name: `load doubles in 6 h, errors times 1.5, base ${percent(base)}, ${rps} rps`,
      rps,
      base,
      load: rising(2),
      drift: rising(1.5),
    }),
  ),
  healthy({
    group: 'mesh',
    name: 'errors of the mesh rise from 0.2 to 0.6 % in the last hour, 100 rps',
    rps: 100,
    base: 0.002,
    drift: (at) => (at < -hour ? 1 : Math.min(3, 3 + (2 * at) / hour)),
  }),
  healthy({
    group: 'mesh',
    name: 'incident of others: whole mesh +5 points for 3 min, 100 rps',
    rps: 100,
    base: 0.001,
    faults: incident,
  }),
  healthy({
    group: 'mesh',
    name: 'the rest of the mesh fails five times less, base 0.5 %, 100 rps',
    rps: 100,
    base: 0.005,
    restFails: 0.2,
  }),
];

/** What a restart costs: so much of a second's requests, at the last pod of the wave. */
const blip = (ms: number) => [{ is: 'error', points: 1, from: -ms, to: 0 }] as const satisfies Cell['faults'];
/** Of ten pods, one every twelve seconds. */
const blips = (ms: number): Cell['faults'] =>
  Array.from({ length: 10 }, (_, pod) => ({
    is: 'error' as const,
    points: 0.1,
    from: -12 * second * pod - ms,
    to: -12 * second * pod,
  }));

const restartCells = [
  ...[10, 100].map((rps) =>
    healthy({
      group: 'restart',
      name: `restarts lose 0.05 s of a pod's requests, ${rps} rps`,
      rps,
      base: 0.001,
      faults: blips(50),
    }),
  ),
  ...[10, 100].map((rps) =>
    healthy({
      group: 'restart',
      name: `the last restart loses 0.5 s of all requests, ${rps} rps`,
      rps,
      base: 0.001,
      faults: blip(500),
    }),
  ),
  healthy({
    group: 'restart',
    name: 'warm-up: +1 point in the first 60 s, 100 rps',
    rps: 100,
    base: 0.001,
    faults: [{ is: 'error', points: 0.01, from: 0, to: minute }],
  }),
];

const noRest = 'no rest of the mesh';
const noHistory = 'no history';
const weakCells = [
  ...(
    [
      [0.001, 100],
      [0.005, 100],
      [0.01, 10],
    ] as const
  ).map(([base, rps]) =>
    healthy({
      group: 'weak',
      name: `no rest of the mesh, base ${percent(base)}, ${rps} rps`,
      rps,
      base,
      restTimes: 0,
      exempt: noRest,
    }),
  ),
  healthy({
    group: 'weak',
    name: 'no rest of the mesh, wave wanders, hostile, base 0.5 %, 1000 rps',
    rps: 1000,
    base: 0.005,
    restTimes: 0,
    wandering: own(hostile),
    exempt: noRest,
  }),
  healthy({
    group: 'weak',
    name: 'no rest of the mesh, incident of 3 min at +5 points, 100 rps',
    rps: 100,
    base: 0.001,
    restTimes: 0,
    faults: incident,
    exempt: noRest,
  }),
  ...(
    [
      [0.001, 100],
      [0.01, 100],
      [0.02, 100],
    ] as const
  ).map(([base, rps]) =>
    healthy({
      group: 'weak',
      name: `no history, base ${percent(base)}, ${rps} rps`,
      rps,
      base,
      historyMs: 0,
      exempt: noHistory,
    }),
  ),
  healthy({
    group: 'weak',
    name: '1 h of history, base 0.5 %, 100 rps',
    rps: 100,
    base: 0.005,
    historyMs: hour,
    exempt: '1 h of history',
  }),
  healthy({
    group: 'weak',
    name: '1 h of history, bursts of 5, base 0.1 %, 10 rps',
    rps: 10,
    base: 0.001,
    burst: 5,
    historyMs: hour,
    exempt: '1 h of history',
  }),
  healthy({
    group: 'weak',
    name: '1 h of history, wave wanders, hostile, base 0.1 %, 100 rps',
    rps: 100,
    base: 0.001,
    wandering: own(hostile),
    historyMs: hour,
    exempt: '1 h of history',
  }),
];

const shapeCells = [
  healthy({
    group: 'shape',
    name: 'errors, refusals and lost requests at 0.5 % each, wave wanders by itself, 100 rps',
    rps: 100,
    base: 0.005,
    usual: { refusal: 0.005, lost: 0.005, slow: 0.01 },
    wandering: own(usualWandering),
  }),
  healthy({ group: 'shape', name: '20 workloads, base 0.1 %, 100 rps', rps: 100, base: 0.001, shares: equal(20) }),
  healthy({
    group: 'shape',
    name: '20 workloads by Zipf, base 0.5 %, 10 rps',
    rps: 10,
    base: 0.005,
    shares: zipf(20),
  }),
  healthy({
    group: 'shape',
    name: 'one scrape in ten fails, proxies restart twice, base 0.5 %, 100 rps',
    rps: 100,
    base: 0.005,
    scraping: { lost: 0.1, resets: 2 },
  }),
  healthy({
    group: 'waves',
    name: 'ten waves one after the other, base 0.5 %, 100 rps each',
    rps: 100,
    base: 0.005,
    shares: [0.6, 0.4],
    waves: 10,
  }),
];

const quietCells = [
  healthy({ group: 'quiet', name: 'base 0.5 %, 0.2 rps', rps: 0.2, base: 0.005 }),
  healthy({ group: 'quiet', name: 'base 0.5 %, 0.02 rps', rps: 0.02, base: 0.005 }),
  healthy({ group: 'quiet', name: 'no traffic', rps: 0, base: 0.005 }),
];

export const healthyCells: readonly Cell[] = [
  ...baseCells,
  ...burstCells,
  ...wanderingCells,
  ...meshCells,
  ...restartCells,
  ...shapeCells,
  ...quietCells,
  ...weakCells,
];
