import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VerbOptions } from '../verbs/options.ts';
import { type Environment, fromActionYml } from './environment.ts';
import { configFile, type Inputs, isKubeconfigText } from './inputs.ts';

/** The inputs as options of a verb. A kubeconfig given as text is written to the temporary folder of the runner, readable only by its user. */
export function verbOptions(inputs: Inputs, env: Environment): VerbOptions {
  const { through, plan, context, tag, holder, timeout } = inputs;
  const config = configFile(inputs);
  const given = inputs.kubeconfig;
  const kubeconfig = given !== undefined && isKubeconfigText(given) ? keptForUs(given, env) : given;
  const istioctl = env[fromActionYml.istioctl];
  return {
    ...present({
      config,
      through,
      plan,
      context,
      holder,
      timeout,
      kubeconfig,
      istioctl: istioctl === '' ? undefined : istioctl,
      tag,
      istioNamespace: inputs['istio-namespace'],
    }),
    dryRun: inputs['dry-run'] === 'true',
    replan: inputs.replan === 'true',
    rejudge: inputs.rejudge === 'true',
    removeNew: inputs['remove-new'] === 'true',
  };
}

/** The same as a person would type them: without the paths of this runner. */
export function spokenOptions({ kubeconfig, istioctl, ...rest }: VerbOptions, inputs: Inputs): VerbOptions {
  const isPath = inputs.kubeconfig !== undefined && !isKubeconfigText(inputs.kubeconfig);
  return isPath && kubeconfig !== undefined ? { ...rest, kubeconfig } : rest;
}

/** The environment of a verb: the secrets are in the variables that the config may name. */
export function verbEnvironment(inputs: Inputs, env: Environment): Environment {
  const { [fromActionYml.inputs]: _secrets, ...rest } = env;
  return {
    ...rest,
    ...present({ PROMETHEUS_TOKEN: inputs['prometheus-token'], PROMETHEUS_PASSWORD: inputs['prometheus-password'] }),
  };
}

function keptForUs(text: string, env: Environment): string {
  const folder = mkdtempSync(join(env['RUNNER_TEMP'] ?? tmpdir(), 'istio-canary-upgrade-'));
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, text, { mode: 0o600 });
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return file;
}

const present = (values: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));
