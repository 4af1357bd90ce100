import { setTimeout as after } from 'node:timers/promises';
import { getExecOutput } from '@actions/exec';
import { istioctlOver } from '../istioctl/istioctl.ts';
import { IstioctlMissing } from '../istioctl/istioctl-errors.ts';
import type { ProcessResult, ProcessRunner } from '../istioctl/process-runner.ts';
import { messageOf } from '../model/upgrade-error.ts';

const probeMs = 30_000;

/**
 * Starts istioctl and asks which release it is of, without a cluster.
 * @param path a path, or a name on the PATH
 * @throws UpgradeError ISTIOCTL_MISSING, ISTIOCTL_FAILED, ISTIOCTL_TIMEOUT or ISTIOCTL_UNREADABLE
 */
export async function probeIstioctl(path: string, timeoutMs = probeMs): Promise<string> {
  const options = { istioNamespace: 'istio-system', timeouts: { localMs: timeoutMs } };
  return await istioctlOver(toolRunner(path), options).meshTool.version();
}

/** Over @actions/exec, which cannot end what it has started: a probe that hangs is abandoned, not killed. */
function toolRunner(path: string): ProcessRunner {
  return {
    run: async (args, { timeoutMs }) => {
      const timer = new AbortController();
      const late = after(timeoutMs, { ...noAnswer, timedOut: true }, { signal: timer.signal });
      try {
        return await Promise.race([answer(path, args), late]);
      } finally {
        timer.abort();
        late.catch(() => undefined);
      }
    },
  };
}

const noAnswer = { exitCode: -1, stdout: '', stderr: '' };

async function answer(path: string, args: readonly string[]): Promise<ProcessResult> {
  try {
    const { exitCode, stdout, stderr } = await getExecOutput(quoted(path), [...args], {
      silent: true,
      ignoreReturnCode: true,
      env: briefEnvironment(),
    });
    // Despite its type it is null after a signal.
    return { exitCode: exitCode ?? 128, stdout, stderr, timedOut: false };
  } catch (failure) {
    throw IstioctlMissing.because(failure, path, messageOf(failure).split('. Please verify')[0] ?? '');
  }
}

/** The first argument of `exec` is a command line. */
const quoted = (path: string): string => `"${path.replaceAll('"', '\\"')}"`;

/** An unverified program must not get the inputs, which contain secrets. */
function briefEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME };
}
