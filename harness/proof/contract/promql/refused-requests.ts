/** Requests to the HTTP API that are refused for their parameters or their evaluation. */
export const RefusedRequests: readonly {
  path: 'query' | 'query_range' | 'series' | 'labels';
  parameters: Record<string, string>;
  httpStatus: number;
}[] = [
  { path: 'query', parameters: { query: 'up', time: 'noon' }, httpStatus: 400 },
  {
    path: 'query',
    parameters: { query: 'vector(1) + on () (vector(1) or label_replace(vector(1), "a", "b", "", ""))' },
    httpStatus: 422,
  },
  { path: 'query_range', parameters: { query: '1' }, httpStatus: 400 },
  { path: 'query_range', parameters: { query: '1', start: 'noon', end: '1', step: '1' }, httpStatus: 400 },
  { path: 'series', parameters: { 'match[]': 'up', start: 'noon' }, httpStatus: 400 },
  { path: 'query_range', parameters: { query: '1', start: '1' }, httpStatus: 400 },
  { path: 'query_range', parameters: { query: '1', start: '2', end: '1', step: '1' }, httpStatus: 400 },
  { path: 'query_range', parameters: { query: '1', start: '1', end: '2' }, httpStatus: 400 },
  { path: 'query_range', parameters: { query: '1', start: '1', end: '2', step: '0' }, httpStatus: 400 },
  { path: 'query_range', parameters: { query: '1', start: '1', end: '2', step: '-5' }, httpStatus: 400 },
  { path: 'query_range', parameters: { query: '1', start: '1', end: '2', step: 'x' }, httpStatus: 400 },
  { path: 'query_range', parameters: { query: '1', start: '1', end: '99999', step: '1' }, httpStatus: 400 },
  { path: 'query_range', parameters: { query: 'up[5m]', start: '1', end: '2', step: '1' }, httpStatus: 400 },
  { path: 'query_range', parameters: { query: '"a"', start: '1', end: '2', step: '1' }, httpStatus: 400 },
  { path: 'series', parameters: {}, httpStatus: 400 },
  { path: 'series', parameters: { 'match[]': '{}' }, httpStatus: 400 },
];
