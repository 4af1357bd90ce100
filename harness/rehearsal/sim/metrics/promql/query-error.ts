/** A query that Prometheus would refuse, or one that asks for more than is simulated here. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  /** As in Prometheus' answers: `bad_data` before anything was evaluated, `execution` while it was. */
  readonly errorType: 'bad_data' | 'execution';

  constructor(errorType: 'bad_data' | 'execution', message: string) {
    super(message);
    this.errorType = errorType;
  }
}

export const executionError = (message: string) => new QueryError('execution', message);

export const notSimulated = (what: string) => new QueryError('bad_data', `not simulated: ${what}`);

export function parseError(query: string, from: number, message: string): QueryError {
  return new QueryError('bad_data', `invalid parameter "query": ${placeIn(query, from)}: parse error: ${message}`);
}

/** Line and column from 1, as Prometheus writes them. */
export function placeIn(query: string, from: number): string {
  const before = query.slice(0, from).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
