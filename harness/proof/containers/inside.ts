import { execa } from 'execa';
import { workloadImages } from '../kind/manifests.ts';
import { openContainers } from './build.ts';
import { engineEnvironment } from './commands.ts';
import { attachEngine, type Engine } from './engine.ts';

/** Set for every command in the network of our own engine. */
export const INSIDE = 'REHEARSAL_CONTAINERS';

/** @returns whether a rehearsal has to run in our own engine: it is up, or no Docker answers; a kind of the user decides by itself */
export async function wantsOwnEngine(env: NodeJS.ProcessEnv): Promise<boolean> {
  if (env[INSIDE] || env['KIND']) return false;
  return attachEngine(env) !== undefined || !(await dockerAnswers(env));
}

async function dockerAnswers(env: NodeJS.ProcessEnv): Promise<boolean> {
  const { failed } = await execa('docker', ['version', '--format', '{{.Server.Version}}'], {
    env,
    extendEnv: false,
    reject: false,
    timeout: 10_000,
  });
  return !failed;
}

/**
 * Runs a command in the engine's network, with docker, kind and kubectl in its PATH. It ends with this process, however that ends.
 * @param signal is passed on as SIGINT; the command tidies up by itself, and is waited for
 * @returns the exit code
 */
export async function execInside(
  engine: Engine,
  command: readonly string[],
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<number> {
  const child = execa('setpriv', ['--pdeathsig', 'KILL', ...engine.joining(), ...command], {
    env: { ...engineEnvironment(engine, env), [INSIDE]: '1' },
    extendEnv: false,
    stdio: 'inherit',
    reject: false,
  });
  const forward = () => void child.kill('SIGINT');
  signal.addEventListener('abort', forward, { once: true });
  const { exitCode } = await child;
  signal.removeEventListener('abort', forward);
  return exitCode ?? 1;
}

/**
 * Runs a command where the clusters of our own engine are reached. The engine is built and started when none is running, and then
 * stopped again.
 * @returns the exit code
 * @throws ContainersRefused, GoMissing, BuildFailed; LabDidNotStart
 */
export async function runInside(
  command: readonly string[],
  { env, tell, signal }: { env: NodeJS.ProcessEnv; tell: (line: string) => void; signal: AbortSignal },
): Promise<number> {
  const running = attachEngine(env);
  const engine = running ?? (await openContainers({ env, workloads: workloadImages(), detached: false, tell, signal }));
  try {
    return await execInside(engine, command, { env, signal });
  } finally {
    if (!running) await engine.stop();
  }
}
