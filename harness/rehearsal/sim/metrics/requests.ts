import type { Life } from './lives.ts';
import type { FailureKind, Setting } from './traffic-settings.ts';

export type Reporter = 'source' | 'destination';

/** What tells requests apart in the metrics of one reporter. */
export interface RequestKind {
  responseCode: string;
  grpcStatus?: string;
  flags: string;
  /** Whether a server was chosen for it; without one the caller's proxy cannot say which workload was meant. */
  hasServer: boolean;
}

/** Requests of one kind as functions of time. */
export interface Requests extends RequestKind {
  parts: readonly Part[];
}

/** Requests between two changes of the settings. */
interface Part {
  from: number;
  to: number;
  meanMs: number;
  /** How many between the part's beginning and a moment in it, with fractions. */
  until(at: number): number;
}

/** What holds between two changes of the settings. */
interface Stretch {
  from: number;
  to: number;
  rps: number;
  meanMs: number;
  lost: NonNullable<Setting['lost']>;
  /** The latest setting of each cause. */
  failing: readonly NonNullable<Setting['failing']>[];
}

/** A share of the requests of a stretch. */
interface Share extends Pick<Part, 'until'> {
  kind: RequestKind;
  seenBy: 'both' | 'client';
}

/**
 * @param settings those that concern the proxy, in the order in which they were made
 * @returns what it counts as one of its two reporters, kind by kind
 */
export function requestsOf(settings: readonly Setting[], life: Life, reporter: Reporter): readonly Requests[] {
  const kinds = new Map<string, RequestKind & { parts: Part[] }>();
  for (const stretch of stretchesOf(settings, life)) {
    for (const { kind, seenBy, until } of sharesOf(stretch)) {
      if (reporter === 'destination' && seenBy === 'client') continue;
      const key = `${kind.responseCode}/${kind.grpcStatus ?? ''}/${kind.flags}/${kind.hasServer}`;
      const known = kinds.get(key) ?? { ...kind, parts: [] };
      const { from, to, meanMs } = stretch;
      known.parts.push({ from, to, meanMs, until });
      kinds.set(key, known);
    }
  }
  return [...kinds.values()];
}

/**
 * How many requests there were until a moment, with fractions.
 * @param weight of requests with this mean duration
 */
export function countUntil(parts: readonly Part[], at: number, weight: (meanMs: number) => number = one): number {
  let sum = 0;
  for (const part of parts) {
    if (at > part.from) sum += weight(part.meanMs) * part.until(at < part.to ? at : part.to);
  }
  return sum;
}

const one = () => 1;

function stretchesOf(settings: readonly Setting[], life: Life): Stretch[] {
  const changes = settings.map(({ at }) => at).filter((at) => at > life.from);
  const bounds = [...new Set([life.from, ...changes])].sort((a, b) => a - b);
  return bounds.map((from, index): Stretch => {
    const known = settings.filter(({ at }) => at <= from);
    const failing = new Map(
      known.flatMap((setting) => (setting.failing ? [[setting.failing.cause, setting.failing]] : [])),
    );
    return {
      from,
      to: bounds[index + 1] ?? Number.POSITIVE_INFINITY,
      rps: known.findLast(({ rps }) => rps !== undefined)?.rps ?? 0,
      meanMs: known.findLast(({ meanMs }) => meanMs !== undefined)?.meanMs ?? 0,
      lost: known.findLast(({ lost }) => lost !== undefined)?.lost ?? { ratio: 0, seenBy: 'none' },
      failing: [...failing.values()],
    };
  });
}

/** Each cause fails its share of what those before it have left; the one whose ratio wanders comes last. */
function sharesOf({ from, rps, lost, failing }: Stretch): readonly Share[] {
  const isGrpc = failing.some(({ failure }) => failure.grpcStatus !== undefined);
  const served: RequestKind = { responseCode: '200', flags: '-', hasServer: true, ...(isGrpc && { grpcStatus: '0' }) };
  let left = rps / 1000;
  /** Takes a share of what is left. */
  const take = (ratio: number): Part['until'] => {
    const rate = left * ratio;
    left -= rate;
    return (at) => rate * (at - from);
  };
  const unseen = take(lost.ratio);
  const shares: Share[] = lost.seenBy === 'client' ? [{ kind: served, seenBy: 'client', until: unseen }] : [];
  for (const { failure, ratio } of failing.filter(({ wandering }) => wandering === undefined))
    shares.push({ ...failed(failure), until: take(ratio) });
  const [wanders, ...more] = failing.filter(({ wandering }) => wandering !== undefined);
  if (more.length > 0) throw new Error('the error ratios of two causes wander: only one can');
  const rate = left;
  if (wanders?.wandering === undefined) return [...shares, { kind: served, seenBy: 'both', until: take(1) }];
  const { wandering } = wanders;
  return [
    ...shares,
    { ...failed(wanders.failure), until: (at) => rate * wandering.between(from, at) },
    { kind: served, seenBy: 'both', until: (at) => rate * (at - from - wandering.between(from, at)) },
  ];
}

function failed({ responseCode, grpcStatus, flags = '-', seenBy = 'both' }: FailureKind): Omit<Share, 'until'> {
  const hasServer = seenBy === 'both' || hasChosenServer(flags);
  return { kind: { responseCode, flags, hasServer, ...(grpcStatus !== undefined && { grpcStatus }) }, seenBy };
}

/** Whether what fails with these flags failed on the way to a server. */
export const hasChosenServer = (flags: string): boolean => flags.split(',').some((flag) => afterChoice.has(flag));

/** Flags of what fails on the way to a server that was chosen: its endpoint's metadata name the workload. */
const afterChoice = new Set(['UF', 'UC', 'UT', 'UR', 'URX', 'LR', 'UPE']);
