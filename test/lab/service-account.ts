import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import type { Lab } from '../../harness/proof/lab/lab.ts';
import { type KubernetesObject, kubectl, type Undo } from './mesh-edits.ts';

const file = join(import.meta.dirname, '../../deploy/rbac.yaml');

export interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/** The objects of deploy/rbac.yaml. */
export function deployedObjects(): KubernetesObject[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as KubernetesObject);
}

/** The same without one verb on one resource, wherever it is granted. */
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

/** Creates the ServiceAccount with these rights; the kubeconfig has its token and no other credentials. */
export async function createServiceAccount(
  lab: Lab,
  objects: readonly KubernetesObject[],
): Promise<{ kubeconfig: string; undo: Undo }> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await kubectl(lab, ['apply', '-f', '-'], list);
  const token = await kubectl(lab, ['--namespace', 'istio-system', 'create', 'token', 'istio-canary-upgrade']);
  const config = parse(readFileSync(lab.kubeconfig, 'utf8')) as { users: object[] };
  const kubeconfig = join(lab.stateDir, 'service-account.kubeconfig');
  const users = [{ name: 'admin', user: { token: token.trim() } }];
  writeFileSync(kubeconfig, stringify({ ...config, users }), { mode: 0o600 });
  return { kubeconfig, undo: async () => void (await kubectl(lab, ['delete', '--wait', '-f', '-'], list)) };
}
