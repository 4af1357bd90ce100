import { execa } from 'execa';
import { CommandFailed } from './command-failed.ts';
import type { Run } from './kind-cli.ts';
import { KindRefused } from './kind-refused.ts';

/**
 * Runs programs so that none of them sees the user's own kubeconfig.
 * @throws KindRefused from the run, if there is no such program; CommandFailed, which has what it wrote
 */
export function createRun({ env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal }): Run {
  return async ([file = '', ...args], { timeoutMs, input, always = false }) => {
    const { KUBECONFIG: _own, ...rest } = env;
    const result = await execa(file, args, {
      // A path that cannot exist: a forgotten --kubeconfig fails instead of changing another cluster.
      env: { ...rest, KUBECONFIG: '/dev/null/no-kubeconfig' },
      extendEnv: false,
      timeout: timeoutMs,
      reject: false,
      // Ctrl-C in a terminal goes to its whole process group; what tidies up has to live on.
      ...(always ? { detached: true } : { cancelSignal: signal }),
      ...(input === undefined ? { stdin: 'ignore' } : { input }),
    });
    if (!always) signal.throwIfAborted();
    if (result.code === 'ENOENT')
      throw new KindRefused(`${file} is missing: install it, or rehearse with --backend sim or --backend lab`);
    if (result instanceof Error) {
      const how = result.timedOut
        ? `no end after ${timeoutMs / 1000} s`
        : `exit code ${result.exitCode ?? result.signal}`;
      throw new CommandFailed([file, ...args], how, `${result.stdout}\n${result.stderr}`);
    }
    return String(result.stdout);
  };
}
