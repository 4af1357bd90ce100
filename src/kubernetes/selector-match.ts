import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { splitTerms } from '../model/matches-labels.ts';

/** A field selector on dotted paths of the object, `spec.nodeName=a,status.phase!=Failed`; an absent field is empty. */
export function matchesFields(selector: string, object: KubernetesObject): boolean {
  return splitTerms(selector).every((term) => {
    const parsed = /^([A-Za-z0-9.]+?)(!=|==|=)(.*)$/.exec(term);
    if (!parsed) throw new SyntaxError(`not a field selector: "${term}"`);
    const [, path = '', operator, value] = parsed;
    return (fieldOf(object, path) === value) === (operator !== '!=');
  });
}

function fieldOf(object: KubernetesObject, path: string): string {
  let value: unknown = object;
  for (const part of path.split('.')) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined;
  }
  return value === undefined || value === null ? '' : String(value);
}
