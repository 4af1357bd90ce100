import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import type { Cluster, Context, User } from '@kubernetes/client-node/dist/config_types.js';
// Deep imports, but not of `config.js`: it loads every generated model, which costs 80 MB of memory and a second or two.
import { newClusters, newContexts, newUsers } from '@kubernetes/client-node/dist/config_types.js';
import { parse } from 'yaml';
import * as z from 'zod';
import { messageOf } from '../model/upgrade-error.ts';
import { ContextUnknown, KubeconfigInvalid, KubeconfigMissing } from './cluster-errors.ts';

export interface KubeconfigRequest {
  /** A file, or several in the form of KUBECONFIG. */
  kubeconfig?: string;
  context?: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Where a pod finds its service account. */
  serviceAccount?: string;
}

/** How to reach one cluster as one user. */
export interface Access {
  context: string;
  cluster: Cluster;
  user: User;
}

interface Entries {
  source: string;
  clusters: Cluster[];
  users: User[];
  contexts: Context[];
  current: string;
}

const Named = z.array(z.looseObject({ name: z.string() })).nullish();
const Kubeconfig = z.looseObject({
  clusters: Named,
  contexts: Named,
  users: z.array(z.looseObject({ name: z.string(), user: z.record(z.string(), z.unknown()).nullish() })).nullish(),
  'current-context': z.string().nullish(),
});

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Looks where kubectl looks: the files named, KUBECONFIG, `~/.kube/config`, the pod's service account.
 * @throws UpgradeError KUBECONFIG_MISSING, KUBECONFIG_INVALID, CONTEXT_UNKNOWN
 */
export function loadKubeconfig({ kubeconfig, context, env, serviceAccount }: KubeconfigRequest): Access {
  const files = listFiles(kubeconfig, env);
  const found = files.filter((file) => existsSync(file));
  if (found.length > 0) return select(merge(found.map(readEntries)), context);
  const folder = serviceAccount ?? serviceAccountFolder;
  if (kubeconfig === undefined && env['KUBERNETES_SERVICE_HOST'] && existsSync(join(folder, 'token'))) {
    return inCluster(env, folder);
  }
  throw KubeconfigMissing.of(kubeconfig === undefined ? [...files, `the service account in ${folder}`] : files);
}

function listFiles(kubeconfig: string | undefined, env: KubeconfigRequest['env']): string[] {
  const listed = kubeconfig ?? env['KUBECONFIG'];
  if (listed) return listed.split(delimiter).filter((file) => file !== '');
  return env['HOME'] ? [join(env['HOME'], '.kube', 'config')] : [];
}

function readEntries(file: string): Entries {
  try {
    const raw = Kubeconfig.parse(parse(readFileSync(file, 'utf8')));
    const folder = dirname(file);
    const users = (raw.users ?? []).map(({ name, user }) => ({ name, user: completeUser(user ?? {}, folder) }));
    const clusters = newClusters(raw.clusters ?? []);
    for (const cluster of clusters) if (cluster.caFile) cluster.caFile = beside(folder, cluster.caFile);
    return {
      source: file,
      clusters,
      users: newUsers(users),
      contexts: newContexts(raw.contexts ?? []),
      current: raw['current-context'] ?? '',
    };
  } catch (error) {
    throw KubeconfigInvalid.because(
      error,
      file,
      error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error),
    );
  }
}

/** Paths beside the file become absolute, and `tokenFile`, which client-node does not know by that name, its token-file provider. */
function completeUser(user: Readonly<Record<string, unknown>>, folder: string): Record<string, unknown> {
  const { tokenFile, exec, ...rest } = user;
  const paths = ['client-certificate', 'client-key'].flatMap((key) => {
    const path = rest[key];
    return typeof path === 'string' ? [[key, beside(folder, path)] as const] : [];
  });
  const config = typeof tokenFile === 'string' ? { tokenFile: beside(folder, tokenFile) } : undefined;
  return {
    ...rest,
    ...Object.fromEntries(paths),
    ...(config ? { 'auth-provider': { name: 'tokenFile', config } } : {}),
    ...(exec ? { exec: completeExec(ExecPlugin.parse(exec), folder) } : {}),
  };
}

const ExecPlugin = z.looseObject({
  apiVersion: z.string().optional(),
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
});

/** Plugins written with client-go fail without KUBERNETES_EXEC_INFO, which client-node does not set. */
function completeExec(exec: z.infer<typeof ExecPlugin>, folder: string): Record<string, unknown> {
  const { apiVersion = 'client.authentication.k8s.io/v1', command, args, env } = exec;
  const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  return {
    ...exec,
    command: command.includes('/') ? beside(folder, command) : command,
    args: args ?? [],
    env: [...(env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }],
  };
}

const beside = (folder: string, path: string) => (isAbsolute(path) ? path : join(folder, path));

/** As kubectl merges: the first file that sets a value wins. */
function merge(files: readonly Entries[]): Entries {
  const firstOf = <T extends { name: string }>(lists: T[][]): T[] => [
    ...new Map(
      lists
        .flat()
        .toReversed()
        .map((entry) => [entry.name, entry]),
    ).values(),
  ];
  return {
    source: files.map(({ source }) => source).join(delimiter),
    clusters: firstOf(files.map(({ clusters }) => clusters)),
    users: firstOf(files.map(({ users }) => users)),
    contexts: firstOf(files.map(({ contexts }) => contexts)),
    current: files.find(({ current }) => current !== '')?.current ?? '',
  };
}

function select({ source, clusters, users, contexts, current }: Entries, wanted = current): Access {
  const context = contexts.find(({ name }) => name === wanted);
  if (!context) throw ContextUnknown.of(wanted, contexts.map(({ name }) => name).sort());
  const cluster = clusters.find(({ name }) => name === context.cluster);
  if (!cluster)
    throw KubeconfigInvalid.of(
      source,
      `context "${wanted}" names cluster "${context.cluster}", which it does not have`,
    );
  const user = users.find(({ name }) => name === context.user);
  if (!user && context.user)
    throw KubeconfigInvalid.of(source, `context "${wanted}" names user "${context.user}", which it does not have`);
  if (!URL.canParse(cluster.server) || !/^https?:$/.test(new URL(cluster.server).protocol)) {
    throw KubeconfigInvalid.of(
      source,
      `cluster "${cluster.name}" has the server "${cluster.server}", which is not an http(s) URL`,
    );
  }
  // Plain http would expose the token. `kubectl proxy` and local labs must allow it with insecure-skip-tls-verify.
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    throw KubeconfigInvalid.of(source, `cluster "${cluster.name}" uses plain http without insecure-skip-tls-verify`);
  }
  return { context: wanted, cluster, user: user ?? { name: 'anonymous' } };
}

function inCluster(env: KubeconfigRequest['env'], folder: string): Access {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    context: 'in-cluster',
    cluster: { name: 'in-cluster', server, caFile: join(folder, 'ca.crt'), skipTLSVerify: false },
    user: {
      name: 'service-account',
      authProvider: { name: 'tokenFile', config: { tokenFile: join(folder, 'token') } },
    },
  };
}
