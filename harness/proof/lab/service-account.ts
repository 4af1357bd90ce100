import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import type { Lab } from './lab.ts';

const folder = join(import.meta.dirname, '../../../deploy');

interface DeployedObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; [field: string]: unknown };
  [field: string]: unknown;
}

/** The objects of a file of deploy/. */
export function deployedObjects(file = 'rbac.yaml'): DeployedObject[] {
  return parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map(
    (document) => document.toJS() as DeployedObject,
  );
}

/** The ServiceAccount of deploy/rbac.yaml, as the API server names it. */
export const serviceAccountUser = 'system:serviceaccount:istio-system:istio-canary-upgrade';

/** Creates the ServiceAccount with these rights; the kubeconfig has its token and no other credentials. */
export async function createServiceAccount(
  lab: Lab,
  objects: readonly object[],
): Promise<{ kubeconfig: string; undo: () => Promise<void> }> {
  const kubectl = async (args: readonly string[], input?: object): Promise<string> => {
    const given = input === undefined ? {} : { input: JSON.stringify(input) };
    return String((await lab.exec('kubectl', args, { timeout: 60_000, ...given })).stdout);
  };
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await kubectl(['apply', '-f', '-'], list);
  const token = await kubectl([
    '--namespace',
    'istio-system',
    'create',
    'token',
    'istio-canary-upgrade',
    '--duration',
    '4h',
  ]);
  const config = parse(readFileSync(lab.kubeconfig, 'utf8')) as { users: object[] };
  const kubeconfig = join(lab.stateDir, 'service-account.kubeconfig');
  const users = [{ name: 'admin', user: { token: token.trim() } }];
  writeFileSync(kubeconfig, stringify({ ...config, users }), { mode: 0o600 });
  return { kubeconfig, undo: async () => void (await kubectl(['delete', '--wait', '-f', '-'], list)) };
}
