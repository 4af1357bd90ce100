import { type Istioctl, istioctlOver } from '../../../../src/istioctl/istioctl.ts';
import type { ProcessResult, ProcessRunner } from '../../../../src/istioctl/process-runner.ts';
import { analyze, precheck } from './finding-commands.ts';
import { forbidden } from './forbidden.ts';
import { install, manifestGenerate } from './install-command.ts';
import { parseArguments } from './istioctl-arguments.ts';
import { type Command, failed, type IstioctlContext, type Output } from './istioctl-command.ts';
import { kubeInject } from './kube-inject-command.ts';
import { IstioNamespace } from './names.ts';
import { proxyStatus } from './proxy-status-command.ts';
import { tagGenerate, tagRemove, tagSet } from './tag-commands.ts';
import { tagList } from './tag-list-command.ts';
import { uninstall } from './uninstall-command.ts';
import { version } from './version-command.ts';

const Commands: Readonly<Record<string, Command>> = {
  version,
  'x precheck': precheck,
  analyze,
  'tag set': tagSet,
  'tag generate': tagGenerate,
  'tag list': tagList,
  'tag remove': tagRemove,
  'manifest generate': manifestGenerate,
  'kube-inject': kubeInject,
  install,
  uninstall,
  'proxy-status': proxyStatus,
};

/** What a test makes of a call: 'fail-before' and 'fail-after' say whether the work was done. */
type IstioctlFault = 'fail-before' | 'fail-after' | 'hang-before' | 'hang-after';
export type InterceptIstioctl = (args: readonly string[]) => IstioctlFault | undefined;

/** One binary of istioctl as a process: arguments in, exit code and texts out, as in the lab's transcripts. */
export function istioctlProcess(
  context: IstioctlContext,
  intercept: InterceptIstioctl = () => undefined,
): ProcessRunner {
  return {
    run: async (args, { timeoutMs, stdin, env }): Promise<ProcessResult> => {
      const fault = intercept(args);
      const call = fault?.endsWith('before') ? Promise.resolve(killed) : dispatch(context, args, stdin, env);
      if (fault?.startsWith('hang')) {
        await Promise.all([call, context.clock.sleep(timeoutMs)]);
        return { exitCode: 143, stdout: '', stderr: '', timedOut: true };
      }
      const output = await call;
      return { ...(fault === 'fail-after' ? killed : output), timedOut: false };
    },
  };
}

/** The two ports over that process: the product's own adapter parses what it prints. */
export function simulatedIstioctl(context: IstioctlContext, intercept?: InterceptIstioctl): Istioctl {
  return istioctlOver(istioctlProcess(context, intercept), { istioNamespace: IstioNamespace });
}

const killed: Output = { exitCode: 137, stdout: '', stderr: '' };

async function dispatch(
  context: IstioctlContext,
  args: readonly string[],
  stdin?: string,
  env?: Readonly<Record<string, string>>,
): Promise<Output> {
  const parsed = parseArguments(args, stdin, env);
  const [first = '', second = ''] = parsed.words;
  const command = Commands[`${first} ${second}`] ?? Commands[first];
  const user = parsed.value('--as');
  if (command && user !== undefined)
    return forbidden(`${first} ${second}` in Commands ? `${first} ${second}` : first, user, context.version, parsed);
  if (command) return command(context, parsed);
  return RemovedCommands.has(first)
    ? failed(`unknown command "${first}" for "istioctl"\nRun 'istioctl --help' for usage.`, UsageExitCode)
    : failed(`not simulated: istioctl ${parsed.words.join(' ')}`, UsageExitCode);
}

const UsageExitCode = 64;
/** 21-missing-commands: what older releases had. */
const RemovedCommands: ReadonlySet<string> = new Set(['verify-install', 'operator']);
