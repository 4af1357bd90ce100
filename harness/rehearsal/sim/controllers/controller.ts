import type { Registry } from '../api-server/registry.ts';
import type { Change } from '../api-server/store.ts';
import type { Random } from '../random.ts';
import type { VirtualClock } from '../virtual-clock.ts';

/** What every controller is given. */
export interface ControllerContext {
  registry: Registry;
  clock: VirtualClock;
  random: Random;
}

/** Wakes the controllers up; the change has already happened. */
export type OnChange = (change: Change) => void;

/** From a change to a controller's reaction: a watch event, a queue, a call. */
export const ReactionMs = [3, 25] as const;

/** Keys of the work queues: `namespace/name`. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
