import type { FailureClass } from '../model/evidence.ts';
import { failureClassOf } from './failures.ts';

/** Labels that tell how a request ended. */
const labels = ['response_code', 'grpc_response_status', 'response_flags'] as const;

export const endings = labels.join(', ');

/** Codes that are no failure unless another label says so. */
const plainCodes = '[123][0-9][0-9]|4(0[024-689]|1[0-9]|2[0-8]|[3-9][0-9])';
const separator = ';';

/**
 * PromQL for a sum by labels and by how requests ended, as one label that is not there for a plain success: most workloads answer with several
 * codes, and none of those is worth a series. `failureOf` reads it.
 */
export function sumByEnding(by: readonly string[], each: string): string {
  const joined = `label_join(sum by (${[...by, endings].join(', ')}) (${each}), "ended", "${separator}", ${labels.map((label) => `"${label}"`).join(', ')})`;
  const plain = [`(${plainCodes})`, '0?', '-?'].join(separator);
  return `sum by (${[...by, 'ended'].join(', ')}) (label_replace(${joined}, "ended", "", "ended", "${plain}"))`;
}

type Labels = Readonly<Record<string, string>>;

/** How a series of such a sum failed; `undefined` if it did not. */
export function failureOf({ ended = '' }: Labels): FailureClass | undefined {
  if (ended === '') return undefined;
  const values = ended.split(separator);
  return failureClassOf(Object.fromEntries(labels.map((label, index) => [label, values[index] ?? ''])));
}

/** Matchers for the counters that such a series sums. A label that a counter lacks matches as an empty one. */
export function matchersOf({ ended = '' }: Labels): string {
  const values = ended.split(separator);
  return labels.map((label, index) => `${label}=${JSON.stringify(values[index] ?? '')}`).join(', ');
}
