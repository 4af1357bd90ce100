import type { KubernetesObject, LabelSelector } from '../../../../src/model/kubernetes-object.ts';
import { parseLabelSelector } from './label-selector.ts';
import { badRequest } from './status-failure.ts';

type Labels = Readonly<Record<string, string>>;
export type ObjectPredicate = (object: KubernetesObject) => boolean;

export { parseLabelSelector };

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

const Everywhere = ['metadata.name', 'metadata.namespace'];
/** What can be selected by beyond name and namespace; the rest of the built-in kinds have nothing more. */
const Selectable: Readonly<Record<string, readonly string[]>> = {
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  Namespace: ['status.phase'],
  Node: ['spec.unschedulable'],
  Secret: ['type'],
  ReplicaSet: ['status.replicas'],
  Job: ['status.successful'],
  Event: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'reason',
    'source',
    'type',
  ],
};

/** `fieldSelector=` of a request: `status.phase!=Succeeded,metadata.name=x`. */
export function parseFieldSelector(kind: string, text: string): ObjectPredicate {
  const terms = text
    .split(',')
    .filter((term) => term !== '')
    .map((term) => {
      const match = /^([^=!]+)(!=|==|=)(.*)$/.exec(term);
      if (!match?.[1]) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
      expectSelectable(kind, match[1]);
      return { path: match[1].split('.'), negated: match[2] === '!=', value: match[3] ?? '' };
    });
  return (object) => terms.every(({ path, negated, value }) => (fieldOf(object, path) === value) !== negated);
}

function expectSelectable(kind: string, field: string): void {
  const more = Selectable[kind];
  if (Everywhere.includes(field) || more?.includes(field)) return;
  // Kinds with fields of their own say it in other words.
  throw badRequest(
    more
      ? `field label not supported: ${field}`
      : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

function fieldOf(object: unknown, path: readonly string[]): string {
  let value = object;
  for (const key of path) value = isRecord(value) ? value[key] : undefined;
  return value === undefined || value === null ? '' : String(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
