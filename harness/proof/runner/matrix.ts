import type { Expressions } from './expressions.ts';
import type { WorkflowJob } from './workflow-file.ts';

type Matrix = NonNullable<WorkflowJob['strategy']>['matrix'];

/**
 * One entry for each job that a matrix makes; `[undefined]` without a matrix.
 * @throws Error for a matrix that GitHub would refuse, since it has no values, and for more than one vector, or `exclude`
 */
export function matrixOf(
  matrix: Matrix | undefined,
  look: Expressions,
): readonly (Readonly<Record<string, unknown>> | undefined)[] {
  if (matrix === undefined) return [undefined];
  const [entry, ...more] = Object.entries(matrix);
  if (entry === undefined || more.length > 0 || entry[0] === 'exclude')
    throw new Error('only one vector is known here');
  const [name, template] = entry;
  const values = typeof template === 'string' ? look.value(template) : template;
  if (!Array.isArray(values) || values.length === 0)
    throw new Error(`Matrix vector '${name}' does not contain any values`);
  return values.map((value: unknown) => (name === 'include' ? (value as Record<string, unknown>) : { [name]: value }));
}
