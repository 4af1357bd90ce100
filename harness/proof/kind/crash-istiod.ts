import type { Run } from './kind-cli.ts';

/**
 * Kills each istiod of a revision soon after it has started, until it is told to end: Kubernetes restarts it again and again, as it
 * would one that crashes.
 * @param node the container that is the node
 * @returns what ends it
 */
export async function crashIstiod(run: Run, node: string, revision: string): Promise<() => Promise<void>> {
  const mark = `/run/rehearsal-crashes-${revision}`;
  // Both releases have the same command; the environment of the pod names the revision.
  const script = `touch ${mark}; while [ -e ${mark} ]; do
  for pid in $(pgrep -x pilot-discovery); do
    if tr '\\0' '\\n' < /proc/$pid/environ | grep -qx 'REVISION=${revision}'; then kill -KILL $pid; fi
  done
  sleep 0.2
done`;
  await run(['docker', 'exec', '--detach', node, 'sh', '-c', script], { timeoutMs: 30_000 });
  return async () => {
    await run(['docker', 'exec', node, 'rm', '-f', mark], { timeoutMs: 30_000 });
  };
}
