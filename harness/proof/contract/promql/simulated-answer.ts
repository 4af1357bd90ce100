import {
  type ApiAnswer,
  errorAnswer,
  instantData,
  matrixData,
  successAnswer,
} from '../../../rehearsal/sim/metrics/api-answer.ts';
import { QueryError } from '../../../rehearsal/sim/metrics/promql/query-error.ts';
import { instantQuery, rangeQuery } from '../../../rehearsal/sim/metrics/promql/run-query.ts';
import type { SampleStore } from '../../../rehearsal/sim/metrics/sample-store.ts';

/** What the simulator's API would answer on these samples; all times in Unix milliseconds. */
export function simulatedInstant(query: string, store: SampleStore, at: number): ApiAnswer {
  return answered(() => {
    const { value, ...remarks } = instantQuery(query, store, at);
    return successAnswer(instantData(value, at), remarks);
  });
}

export function simulatedRange(
  query: string,
  store: SampleStore,
  range: { startMs: number; endMs: number; stepMs: number },
): ApiAnswer {
  return answered(() => {
    const { value, ...remarks } = rangeQuery(query, store, range);
    return successAnswer(matrixData(value), remarks);
  });
}

function answered(ask: () => ApiAnswer): ApiAnswer {
  try {
    return ask();
  } catch (error) {
    if (error instanceof QueryError) return errorAnswer(error);
    throw error;
  }
}
