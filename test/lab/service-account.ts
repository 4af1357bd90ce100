import { deployedObjects } from '../../harness/proof/lab/service-account.ts';
import type { KubernetesObject } from './mesh-edits.ts';

export interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/** The objects of deploy/rbac.yaml without one verb on one resource, wherever it is granted. */
export function withoutRight(verb: string, resource: string): KubernetesObject[] {
  return deployedObjects().map((object) => {
    const rules = object['rules'] as Rule[] | undefined;
    if (rules === undefined) return object;
    return {
      ...object,
      rules: rules
        .flatMap((rule) => [
          { ...rule, resources: rule.resources.filter((name) => name !== resource) },
          ...(rule.resources.includes(resource)
            ? [{ ...rule, resources: [resource], verbs: rule.verbs.filter((name) => name !== verb) }]
            : []),
        ])
        .filter(({ resources, verbs }) => resources.length > 0 && verbs.length > 0),
    };
  });
}
