import { homedir } from 'node:os';
import { join } from 'node:path';

/** Everything the lab keeps outside the checkout. `XDG_CACHE_HOME` moves it. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const root = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(root, 'istio-canary-upgrade', 'lab');
}

/** Binaries, a folder per Go module. */
export const binariesFolder = (env: NodeJS.ProcessEnv) => join(cacheFolder(env), 'bin');

/** State of labs, a folder per lab. */
export const labsFolder = (env: NodeJS.ProcessEnv) => join(cacheFolder(env), 'run');

/** Files of one lab. */
export function labFiles(stateDir: string) {
  return {
    record: join(stateDir, 'lab.json'),
    logs: join(stateDir, 'logs'),
    commands: join(stateDir, 'bin'),
    kubeconfig: join(stateDir, 'kubeconfig'),
    pki: join(stateDir, 'pki'),
    auditPolicy: join(stateDir, 'audit-policy.json'),
    auditLog: join(stateDir, 'audit.log'),
    // Sockets in the file system are reachable from every network namespace.
    controlSocket: join(stateDir, 'control.sock'),
    apiSocket: join(stateDir, 'api.sock'),
    prometheusSocket: join(stateDir, 'prometheus.sock'),
  };
}
