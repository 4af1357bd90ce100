import type { SeenRequests } from '../../proof/kind/requests.ts';
import type { Backend } from '../model/backend.ts';
import type { Expectations } from './expectations.ts';

/** Requests until a moment of the mesh's time, Unix milliseconds. */
export interface Counted {
  requests: readonly SeenRequests[];
  at: number;
}

/** Empty where no client is in front of the mesh. */
export async function countRequests(backend: Backend): Promise<Counted> {
  const requests = (await backend.requests?.()) ?? [];
  return { requests, at: backend.now() };
}

/**
 * What the callers of the mesh have seen since `before`. That each workload was called without a pause is always claimed; that none
 * of its requests failed only where the release is well, of workloads whose new pods are ready before the old ones go.
 */
export async function expectServed(
  backend: Backend,
  expectations: Expectations,
  before: Counted,
  releaseIsWell: boolean,
): Promise<void> {
  const now = await countRequests(backend);
  const seconds = (now.at - before.at) / 1000;
  for (const { target, surges, sent, failed } of now.requests) {
    const earlier = before.requests.find((each) => each.target === target);
    if (earlier === undefined) throw new Error(`${target} was not counted before`);
    const [calls, failures] = [sent - earlier.sent, failed - earlier.failed];
    const mayFail = !surges || !releaseIsWell;
    const holds = calls > 0 && calls >= seconds && (failures === 0 || mayFail);
    expectations.expect(
      `${target} was called more than once a second${mayFail ? '' : ', and no request failed'}`,
      holds,
      `${failures} of ${calls} requests failed in ${Math.round(seconds)} s`,
    );
  }
}
