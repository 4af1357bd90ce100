import type { Run } from './kind-cli.ts';

interface CrashOptions {
  /** Those that run already are left alone. */
  onlyLater?: boolean;
}

/**
 * Kills each istiod of a revision soon after it has started, until it is told to end: Kubernetes restarts it again and again, as it
 * would one that crashes.
 * @param node the container that is the node
 * @returns what ends it
 */
export async function crashIstiod(
  run: Run,
  node: string,
  revision: string,
  { onlyLater = false }: CrashOptions = {},
): Promise<() => Promise<void>> {
  const limits = { timeoutMs: 30_000 };
  const spared = onlyLater ? await run(['docker', 'exec', node, 'pgrep', '-x', 'pilot-discovery'], limits) : '';
  const mark = `/run/rehearsal-crashes-${revision}`;
  // Both releases have the same command; the environment of the pod names the revision.
  const script = `touch ${mark}; while [ -e ${mark} ]; do
  for pid in $(pgrep -x pilot-discovery); do
    case ' ${spared.trim().split(/\s+/).join(' ')} ' in *" $pid "*) continue ;; esac
    if tr '\\0' '\\n' < /proc/$pid/environ | grep -qx 'REVISION=${revision}'; then kill -KILL $pid; fi
  done
  sleep 0.2
done`;
  await run(['docker', 'exec', '--detach', node, 'sh', '-c', script], limits);
  return async () => {
    await run(['docker', 'exec', node, 'rm', '-f', mark], limits);
  };
}
