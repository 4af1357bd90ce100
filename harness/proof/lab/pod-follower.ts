import { setTimeout as sleep } from 'node:timers/promises';
import { ApiAnswer, type ApiClient } from './api-client.ts';
import type { Pod } from './pod.ts';

/** All pods of the cluster as a watch tells them. */
export interface PodFollower {
  pods(): readonly Pod[];
  /** Called after every change, with all pods. */
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
  const notify = () => {
    const pods = [...known.values()];
    for (const listener of listeners) listener(pods);
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
