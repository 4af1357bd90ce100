import type { Life } from './lives.ts';
import { hasChosenServer, type Reporter } from './requests.ts';
import type { Setting } from './traffic-settings.ts';

/** TCP connections that end alike, as functions of time. */
export interface Connections {
  flags: string;
  hasServer: boolean;
  /** How many were opened until a moment, with fractions. They are short: as many were closed. */
  openedUntil(at: number): number;
  /** What servers sent on them. */
  bytesUntil(at: number): number;
}

/** What holds between two changes of the settings. */
interface Stretch {
  from: number;
  to: number;
  connections: NonNullable<Setting['connections']>;
  refusing: NonNullable<Setting['refusing']>;
}

/**
 * @param settings those that concern the proxy, in the order in which they were made
 * @returns what it counts as one of its two reporters: those that were served, and those that failed, by flags
 */
export function connectionsOf(settings: readonly Setting[], life: Life, reporter: Reporter): readonly Connections[] {
  if (!settings.some(({ connections }) => connections !== undefined)) return [];
  const stretches = stretchesOf(settings, life);
  const failures = new Map(stretches.map(({ refusing }) => [`${refusing.flags} ${refusing.seenBy}`, refusing]));
  const served = (stretch: Stretch) => stretch.connections.perSecond * (1 - stretch.refusing.ratio);
  // A connection that a server's proxy took, and its application did not, was served as its client sees it.
  const taken = (stretch: Stretch) =>
    reporter === 'source' && stretch.refusing.seenBy === 'server' ? stretch.connections.perSecond : served(stretch);
  return [
    {
      flags: '-',
      hasServer: true,
      openedUntil: sumOf(stretches, taken),
      bytesUntil: sumOf(stretches, ({ connections, refusing }) => connections.bytesPerSecond * (1 - refusing.ratio)),
    },
    ...[...failures.values()]
      .filter(({ seenBy }) => (seenBy === 'client') === (reporter === 'source'))
      .map(
        ({ flags, seenBy }): Connections => ({
          flags,
          hasServer: seenBy === 'server' || hasChosenServer(flags),
          openedUntil: sumOf(stretches, ({ connections, refusing }) =>
            refusing.flags === flags && refusing.seenBy === seenBy ? connections.perSecond * refusing.ratio : 0,
          ),
          bytesUntil: () => 0,
        }),
      ),
  ];
}

function stretchesOf(settings: readonly Setting[], life: Life): readonly Stretch[] {
  const changes = settings.map(({ at }) => at).filter((at) => at > life.from);
  const bounds = [...new Set([life.from, ...changes])].sort((a, b) => a - b);
  return bounds.map((from, index) => {
    const known = settings.filter(({ at }) => at <= from);
    return {
      from,
      to: bounds[index + 1] ?? Number.POSITIVE_INFINITY,
      connections: known.findLast(({ connections }) => connections !== undefined)?.connections ?? {
        perSecond: 0,
        bytesPerSecond: 0,
      },
      refusing: known.findLast(({ refusing }) => refusing !== undefined)?.refusing ?? {
        ratio: 0,
        flags: 'UF,URX',
        seenBy: 'client',
      },
    };
  });
}

const sumOf =
  (stretches: readonly Stretch[], perSecond: (stretch: Stretch) => number) =>
  (at: number): number =>
    stretches.reduce(
      (sum, stretch) =>
        at > stretch.from ? sum + (perSecond(stretch) * (Math.min(at, stretch.to) - stretch.from)) / 1000 : sum,
      0,
    );
