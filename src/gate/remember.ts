import type { Metrics } from '../ports/prometheus.ts';
import type { Asking } from './asking.ts';

/** What was computed from the past of a wave, by what it is. The past does not change, so it is asked for once in a run. */
export type Memory = Map<string, unknown>;

const memories = new WeakMap<Metrics, Memory>();

/** Each Prometheus has another past. */
export function memoryOf(metrics: Metrics): Memory {
  const memory = memories.get(metrics) ?? new Map<string, unknown>();
  memories.set(metrics, memory);
  return memory;
}

/** The result of a computation, or what it was before. A result that is `undefined`, since an answer was missing, is not kept. */
export function* remember<Result, Reply>(
  memory: Memory,
  key: string,
  compute: () => Asking<Result | undefined, Reply>,
): Asking<Result | undefined, Reply> {
  if (memory.has(key)) return memory.get(key) as Result;
  const result = yield* compute();
  if (result !== undefined) memory.set(key, result);
  return result;
}

interface OfWave {
  memory: Memory;
  wave: string;
  startedAt: number;
  namespaces: readonly string[];
}

/** The same of what lies before a wave began, as long as it has the same namespaces. */
export const rememberOfWave = <Result, Reply>(
  { memory, wave, startedAt, namespaces }: OfWave,
  what: string,
  compute: () => Asking<Result | undefined, Reply>,
): Asking<Result | undefined, Reply> => remember(memory, `${what} ${wave} ${startedAt} ${namespaces.join()}`, compute);
