import { percent } from '../model/percent.ts';
import type { Power, Sight, WaveSight } from '../model/sight.ts';

/** What the gate would notice of each wave, a line for each, for a person who reads `check` or `plan`. */
export function renderSight(sight: Sight | undefined, bakes: { bakeMs: number; maxBakeMs: number }): readonly string[] {
  if (sight === undefined) return ['What the gate would notice is not known: Prometheus does not answer.'];
  if ('unknown' in sight) return [`What the gate would notice is not known: ${sight.unknown}`];
  if (sight.waves.length === 0) return [];
  const last = sight.waves.at(-1);
  return [
    'What the gate would notice, by the traffic of the last minutes and the failures of the last six hours:',
    ...sight.waves.map((wave) => `  ${wave.wave}: ${describeWave(wave, bakes, wave === last)}`),
    ...(last?.decides !== undefined && !last.hasRest
      ? [
          `  When the last wave, ${last.wave}, restarts, no rest of the mesh is left to compare it with: failures below 5 % hold the run there instead of rolling back.`,
        ]
      : []),
  ];
}

/** `12 requests/s, usually 0.1 % fail; notices 1.2 % within 10 min, 0.7 % within 30 min; a pass takes 10 min` */
function describeWave(
  { pods, decides, power, workloads, historyMs, hasRest, silent, leastBytes }: WaveSight,
  { bakeMs, maxBakeMs }: { bakeMs: number; maxBakeMs: number },
  isLast: boolean,
): string {
  if (decides === undefined)
    return pods === 0
      ? 'no pod with a sidecar, nothing is judged'
      : 'no requests or connections, nothing proves that it works';
  const { rate, normal, seenInBake, seenAtMost, passMs } = power;
  const counted = decides === 'tcpConnections' ? 'TCP connections' : 'requests';
  if (rate === 0 && leastBytes === undefined) return `no ${counted} in the last minutes, nothing proves that it works`;
  const blind = workloads.filter(isWeak(maxBakeMs));
  return [
    `${rate < 10 ? rate.toPrecision(2) : rate.toFixed(0)} ${counted}/s${sources[decides]}, ${normal.requests === 0 ? 'no history' : `usually ${percent(normal.errors / normal.requests)} fail${historyMs < 60 * 60_000 ? ' (less than an hour of history)' : ''}`}`,
    `notices ${ratio(seenInBake)} within ${minutes(bakeMs)}, ${ratio(seenAtMost)} within ${minutes(maxBakeMs)}`,
    `a pass takes ${minutes(passMs)}${leastBytes === undefined ? '' : ', by the bytes on its connections, which are few'}`,
    ...(hasRest || isLast ? [] : ['no rest of the mesh to compare it with']),
    ...named('nothing is counted of namespaces', silent),
    ...named(
      'too little traffic to notice a tenfold rise in one workload alone',
      blind.map(({ part }) => part),
    ),
  ].join('; ');
}

const sources = {
  serverSide: '',
  clientSide: ' by the count of its clients',
  outbound: ' that it makes itself',
  tcpConnections: '',
} as const satisfies Record<NonNullable<WaveSight['decides']>, string>;

export const isWeak =
  (maxBakeMs: number) =>
  ({ noticeMs }: Power): boolean =>
    !(noticeMs <= maxBakeMs);

const ratio = (of: number): string => (of > 1 ? 'not even an outage' : `${percent(of)} of failures`);

/** Rounded up, since it is how long to wait. */
export function minutes(ms: number): string {
  if (!Number.isFinite(ms)) return 'for ever';
  const all = Math.max(1, Math.ceil(ms / 60_000));
  return all < 120 ? `${all} min` : `${Math.floor(all / 60)} h ${all % 60} min`;
}

const named = (what: string, names: readonly string[]): string[] =>
  names.length === 0
    ? []
    : [`${what}: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`];
