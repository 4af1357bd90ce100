import type { KubernetesObject, LabelSelector } from '../../../src/kubernetes/objects.ts';
import { badRequest } from './status-failure.ts';

type Labels = Readonly<Record<string, string>>;
export type ObjectPredicate = (object: KubernetesObject) => boolean;

/** A LabelSelector as webhooks, workloads and budgets carry it. An empty one matches everything. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) if (labels[key] !== value) return false;
  return (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        throw badRequest(`"${String(operator)}" is not a valid label selector operator`);
    }
  });
}

/** `labelSelector=` of a request: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. */
export function parseLabelSelector(text: string): ObjectPredicate {
  const requirements = splitOutsideParentheses(text).map(parseRequirement);
  return (object) => requirements.every((matches) => matches(object.metadata.labels ?? {}));
}

/** `fieldSelector=` of a request: `status.phase!=Succeeded,metadata.name=x`. */
export function parseFieldSelector(text: string): ObjectPredicate {
  const terms = text
    .split(',')
    .filter((term) => term !== '')
    .map((term) => {
      const match = /^([\w.]+)(!=|==|=)(.*)$/.exec(term);
      if (!match?.[1]) throw badRequest(`invalid field selector: ${term}`);
      return { path: match[1].split('.'), negated: match[2] === '!=', value: match[3] ?? '' };
    });
  return (object) => terms.every(({ path, negated, value }) => (fieldOf(object, path) === value) !== negated);
}

function fieldOf(object: unknown, path: readonly string[]): string {
  let value = object;
  for (const key of path) value = isRecord(value) ? value[key] : undefined;
  return value === undefined || value === null ? '' : String(value);
}

function parseRequirement(text: string): (labels: Labels) => boolean {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (set?.[1]) {
    const key = set[1];
    const values = (set[3] ?? '').split(',').map((value) => value.trim());
    return set[2] === 'in'
      ? (labels) => labels[key] !== undefined && values.includes(labels[key])
      : (labels) => labels[key] === undefined || !values.includes(labels[key]);
  }
  const pair = /^([^\s!=]+)\s*(!=|==|=)\s*(\S*)$/.exec(text);
  if (pair?.[1]) {
    const [, key, operator, value = ''] = pair;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const bare = /^(!?)\s*([^\s!=()]+)$/.exec(text);
  if (!bare?.[2]) throw badRequest(`unable to parse requirement: found '${text}'`);
  const key = bare[2];
  return bare[1] === '!' ? (labels) => labels[key] === undefined : (labels) => labels[key] !== undefined;
}

function splitOutsideParentheses(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
