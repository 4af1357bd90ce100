import { readFileOfValues, without } from '../istioctl/chart-values.ts';
import { ValuesUnreadable } from '../istioctl/istioctl-errors.ts';
import { merged, type Values } from '../model/values.ts';
import type { Install } from '../ports/installer.ts';

/**
 * The values of the chart istiod: what is carried over, then the files in their order. Neither says what belongs to one revision: Helm
 * would make the tags of `revisionTags`, or refuse them because another release has them.
 * @returns as a file for stdin
 * @throws VALUES_UNREADABLE for an IstioOperator, which only istioctl takes
 */
export async function helmValues({ valuesFiles = [], carried = {} }: Install): Promise<string> {
  let values: Values = carried;
  for (const file of valuesFiles) {
    const content = await readFileOfValues(file);
    if (!('values' in content))
      throw ValuesUnreadable.of(file, 'it is an IstioOperator, and Helm takes values of the charts');
    values = merged(values, content.values);
  }
  return JSON.stringify(without(values, ['revision', 'revisionTags', 'defaultRevision']));
}

/** `target.set` may name a value as istioctl does: `values.pilot.env.A=b`. */
export const helmPairs = (set: readonly string[]): readonly string[] =>
  set.map((pair) => pair.replace(/^values\./, ''));
