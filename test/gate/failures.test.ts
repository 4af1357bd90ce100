import { describe, expect, it } from 'vitest';
import { failureClassOf, rows } from '../../src/gate/failures.ts';

describe('failureClassOf', () => {
  it.for([
    { labels: { response_code: '200' }, is: undefined },
    { labels: { response_code: '404' }, is: undefined },
    { labels: { response_code: '404', response_flags: 'NR' }, is: 'refusal' },
    { labels: { response_code: '400' }, is: undefined },
    { labels: { response_code: '401' }, is: 'refusal' },
    { labels: { response_code: '403', response_flags: '-' }, is: 'refusal' },
    { labels: { response_code: '407' }, is: 'refusal' },
    { labels: { response_code: '429' }, is: 'refusal' },
    { labels: { response_code: '500' }, is: 'error' },
    { labels: { response_code: '503' }, is: 'error' },
    { labels: { response_code: '503', response_flags: 'UC' }, is: 'error' },
    { labels: { response_code: '503', response_flags: 'UF,URX' }, is: 'lost' },
    { labels: { response_code: '503', response_flags: 'UH' }, is: 'lost' },
    { labels: { response_code: '503', response_flags: 'NC' }, is: 'lost' },
    { labels: { response_code: '503', response_flags: 'UO' }, is: 'lost' },
    { labels: { response_code: '0', response_flags: 'UF,URX' }, is: 'lost' },
    { labels: { response_code: '0', response_flags: '-' }, is: 'error' },
    { labels: { response_code: '0', response_flags: 'DC' }, is: undefined },
    { labels: { response_code: '503', response_flags: 'DR' }, is: undefined },
    { labels: { response_code: '200', grpc_response_status: '0' }, is: undefined },
    { labels: { response_code: '200', grpc_response_status: '1' }, is: undefined },
    ...['2', '4', '12', '13', '14', '15'].map((status) => ({
      labels: { response_code: '200', grpc_response_status: status },
      is: 'error',
    })),
    ...['5', '7', '16'].map((status) => ({
      labels: { response_code: '200', grpc_response_status: status },
      is: 'refusal',
    })),
    { labels: { response_code: '200', grpc_response_status: '3' }, is: undefined },
    { labels: {}, is: undefined },
  ])('is $is for $labels', ({ labels, is }) => {
    expect(failureClassOf(labels as Record<string, string>)).toBe(is);
  });

  it('uses each of its rows, so that none is shadowed by one above it', () => {
    for (const { is, label, values, flags } of rows)
      for (const value of values) {
        const labels = { [label]: value, ...(flags && { response_flags: flags[0] ?? '' }) };
        expect({ ...labels, is: failureClassOf(labels) ?? 'caller' }).toEqual({ ...labels, is });
      }
  });
});
