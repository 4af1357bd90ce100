import type { NetworkFailure } from '../network/network-failure.ts';
import type { StatusError } from './status-error.ts';

/** Why one attempt at a request failed. */
export type Failure = { status: StatusError } | { network: NetworkFailure; error: unknown };

/** Whether the server may have acted on the request although it did not report success. */
export function isAmbiguous(failure: Failure): boolean {
  if ('network' in failure) return failure.network.sent;
  return failure.status.code >= 500 && !isRefusedByAdmission(failure.status);
}

/**
 * How long to wait before the same request is sent again, or `undefined` when it must not be.
 * @param repeatable whether sending it twice does no harm
 * @param leftMs what remains of the time for repeats
 */
export function delayBeforeRepeat(
  failure: Failure,
  {
    repeatable,
    attempt,
    leftMs,
    random,
  }: { repeatable: boolean; attempt: number; leftMs: number; random: () => number },
): number | undefined {
  if (!mayRepeat(failure, repeatable)) return undefined;
  const asked = 'status' in failure ? (failure.status.retryAfterSeconds ?? 0) * 1000 : 0;
  const delay = asked + backOff(attempt, random);
  return delay <= leftMs ? delay : undefined;
}

/** Exponential from 200 ms to 5 s, the upper half of it random, so that many clients do not retry at the same moment. */
export function backOff(attempt: number, random: () => number): number {
  const full = Math.min(200 * 2 ** (attempt - 1), 5_000);
  return Math.round(full / 2 + (full / 2) * random());
}

function mayRepeat(failure: Failure, repeatable: boolean): boolean {
  if ('network' in failure) {
    // A retry does not make a certificate valid.
    if (failure.network.kind === 'tls') return false;
    return repeatable || !failure.network.sent;
  }
  const { code } = failure.status;
  if (code === 429) return true;
  return repeatable && [500, 502, 503, 504].includes(code) && !isRefusedByAdmission(failure.status);
}

/** Admission runs before anything is stored, so this 500 is a definite refusal, and a retry gets the same. */
function isRefusedByAdmission({ code, message }: StatusError): boolean {
  return code === 500 && message.includes('failed calling webhook');
}
