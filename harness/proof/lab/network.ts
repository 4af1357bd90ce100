import { execa } from 'execa';
import { NamespaceRefused, ToolMissing } from './lab-errors.ts';

/** The addresses of a lab. Every lab has the same: each lives in a network namespace of its own. */
export const ADDRESSES = {
  api: '127.0.0.1:6443',
  prometheus: '127.0.0.1:9090',
  control: '127.0.0.1:15999',
  node: '10.0.0.2',
  istiodPrefix: '10.244.200.',
} as const;

// All of 10/8 is this host, inside the namespace only: pod addresses are reachable by the API server and by Prometheus.
// istiod must see its callers as localhost, as it does behind a kubelet's port-forward, or `/debug/syncz` answers 401.
// istioctl's own xDS client wants a non-loopback interface with an address.
const LINKS = `
link set lo up
route add local 10.0.0.0/8 dev lo
route add local 10.244.200.0/24 dev lo src 127.0.0.1
link add veth0 type veth peer name veth1
addr add 10.255.0.1/32 dev veth0
link set veth0 up
link set veth1 up
`;

/** Lays the network of the namespace this process is in. */
export async function layNetwork(): Promise<void> {
  await execa('ip', ['-batch', '-'], { input: LINKS, timeout: 10_000 });
}

/**
 * The words before a command that give it a network and a process namespace of its own, without root a user namespace too.
 * No name is given to any of them: the kernel removes them, and kills every process inside, when the command ends, however it ends.
 */
export function isolation(uid: number): readonly string[] {
  const asUser = uid === 0 ? [] : ['--user', '--map-root-user'];
  return ['unshare', ...asUser, '--net', '--pid', '--fork', '--kill-child=SIGKILL', '--'];
}

/** The words before a command that run it in the network of a lab. `pid` is the one that `isolation` was started with. */
export function joining(pid: number, uid: number): readonly string[] {
  const asUser = uid === 0 ? [] : ['--user', '--preserve-credentials'];
  return ['nsenter', '--target', String(pid), ...asUser, '--net', '--'];
}

/** @throws NamespaceRefused or ToolMissing if no lab can run here */
export async function expectNamespaces(uid: number, env: NodeJS.ProcessEnv): Promise<void> {
  const [unshare = '', ...words] = isolation(uid);
  const trial = [...words, 'ip', 'link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'veth1'];
  const { failed, code, exitCode, stderr } = await execa(unshare, trial, {
    env,
    extendEnv: false,
    reject: false,
    timeout: 10_000,
  });
  if (code === 'ENOENT') throw new ToolMissing('unshare', 'util-linux');
  if (exitCode === 127) throw new ToolMissing('ip', 'iproute2');
  if (failed) throw new NamespaceRefused(stderr.trim().split('\n').at(-1) ?? `exit code ${exitCode}`);
}
