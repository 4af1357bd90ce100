import type { Backend } from '../backends/backend.ts';
import type { SeenRequests } from '../kind/requests.ts';
import type { Expectations } from './expectations.ts';

/**
 * What the callers of the mesh have seen since `before`. That each workload was called is always claimed; that none of its
 * requests failed only where the release is well, of workloads whose new pods are ready before the old ones go.
 */
export async function expectServed(
  backend: Backend,
  expectations: Expectations,
  before: readonly SeenRequests[],
  releaseIsWell: boolean,
): Promise<void> {
  const now = (await backend.requests?.()) ?? [];
  for (const { target, surges, sent, failed } of now) {
    const earlier = before.find((each) => each.target === target);
    if (earlier === undefined) throw new Error(`${target} was not counted before`);
    const [calls, failures] = [sent - earlier.sent, failed - earlier.failed];
    const claim =
      surges && releaseIsWell ? 'was called all the time, and no request failed' : 'was called all the time';
    const holds = calls > 0 && (failures === 0 || !surges || !releaseIsWell);
    expectations.expect(`${target} ${claim}`, holds, `${failures} of ${calls} requests failed`);
  }
}
