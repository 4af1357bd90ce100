import { setTimeout as sleep } from 'node:timers/promises';
import { ApiAnswer, type ApiClient } from './api-client.ts';
import type { Pod } from './pod.ts';

/** Changes that come one after the other are told together, after so many milliseconds a pod; a few pods are told of at once. */
const GATHER_MS_PER_POD = 0.1;
const GATHER_MS_MAX = 500;

/** All pods of the cluster as a watch tells them. */
export interface PodFollower {
  pods(): readonly Pod[];
  /** Called after a change, or a few of them, with all pods. */
  onChange(listener: (pods: readonly Pod[]) => void): void;
}

interface PodList {
  metadata: { resourceVersion: string };
  items: Pod[];
}

/** Follows until aborted; a broken watch, also one of an API server that is away, starts again from a list. */
export function followPods(api: ApiClient, log: (line: string) => void, signal: AbortSignal): PodFollower {
  const known = new Map<string, Pod>();
  const listeners: ((pods: readonly Pod[]) => void)[] = [];
  let toldAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    timer = undefined;
    toldAt = performance.now();
    const pods = [...known.values()];
    for (const listener of listeners) listener(pods);
  };
  // Every listener walks over all pods: thousands of them that start one after the other would cost the square of their number.
  const notify = () => {
    if (timer !== undefined) return;
    const dueMs = toldAt + Math.min(known.size * GATHER_MS_PER_POD, GATHER_MS_MAX) - performance.now();
    if (dueMs <= 0) tell();
    else timer = setTimeout(tell, dueMs);
  };

  const listAndWatch = async () => {
    const list = await api.get<PodList>('/api/v1/pods', signal);
    known.clear();
    for (const pod of list.items) known.set(pod.metadata.uid, pod);
    notify();
    const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${list.metadata.resourceVersion}`;
    for await (const { type, object } of api.watch<Pod>(`/api/v1/pods?${query}`, signal)) {
      if (type === 'ERROR') return;
      if (type === 'BOOKMARK') continue;
      if (type === 'DELETED') known.delete(object.metadata.uid);
      else known.set(object.metadata.uid, object);
      notify();
    }
  };

  const follow = async () => {
    while (!signal.aborted) {
      try {
        await listAndWatch();
      } catch (error) {
        if (signal.aborted) return;
        log(`watch of pods: ${error instanceof ApiAnswer ? error.status : String(error)}`);
      }
      await sleep(200);
    }
  };
  void follow();
  return { pods: () => [...known.values()], onChange: (listener) => void listeners.push(listener) };
}
