import { listPath, objectPath } from '../../../../src/kubernetes/resource-path.ts';
import { readWatch } from '../../../../src/kubernetes/watch-stream.ts';
import type { Clock } from '../../../../src/model/clock.ts';
import type { Kind } from '../../../../src/ports/kubernetes.ts';
import type { WorkloadObject } from '../../../../src/ports/objects.ts';
import type { RestClient } from './rest-client.ts';
import { isRolledOut, RolloutStatusError } from './rollout-status.ts';

interface RolloutWait {
  kind: Kind;
  namespace: string;
  name: string;
  timeoutMs: number;
}

/** Between two tries of a list or a watch that failed. */
const backoffMs = 1_000;

/**
 * Lists and watches one workload until its rollout is over, as kubectl's informer does: what fails on the way is tried
 * again until the time is up.
 * @throws RolloutStatusError when the time is up or waiting is of no use; what the first GET fails with
 */
export async function waitForRollout(client: RestClient, clock: Clock, wait: RolloutWait): Promise<void> {
  const { kind, namespace, name, timeoutMs } = wait;
  await client.json('GET', objectPath(kind, { namespace, name }));
  const deadline = new AbortController();
  const over = new AbortController();
  clock.sleep(timeoutMs, over.signal).then(
    () => deadline.abort(new RolloutStatusError('timed out waiting for the condition')),
    () => undefined,
  );
  try {
    while (!(await isOver(client, wait, deadline.signal))) await clock.sleep(backoffMs, deadline.signal);
  } finally {
    over.abort();
    deadline.abort();
  }
}

/** @returns false when the list or the watch ended before the rollout */
async function isOver(
  client: RestClient,
  { kind, namespace, name }: RolloutWait,
  signal: AbortSignal,
): Promise<boolean> {
  const fieldSelector = `metadata.name=${name}`;
  try {
    const path = listPath(kind, { namespace, fieldSelector });
    const { items, metadata } = await client.json<List>('GET', path, { signal });
    if (items.some((object) => isRolledOut(kind.kind, object))) return true;
    const { resourceVersion } = metadata;
    const watch = listPath(kind, { namespace, fieldSelector }, { watch: 'true', resourceVersion });
    const response = await client.open('GET', watch, { signal });
    for await (const events of readWatch(response.chunks())) {
      for (const event of events) {
        if (event.type === 'BOOKMARK') continue;
        if (event.type === 'DELETED') throw new RolloutStatusError('object has been deleted');
        if (isRolledOut(kind.kind, event.object as WorkloadObject)) return true;
      }
    }
    return false;
  } catch (failure) {
    if (failure instanceof RolloutStatusError) throw failure;
    signal.throwIfAborted();
    return false;
  }
}

interface List {
  items: WorkloadObject[];
  metadata: { resourceVersion: string };
}
